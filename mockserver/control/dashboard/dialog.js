// Modal dialogs. The browser keeps the focus inside and returns it on close.
import { h } from "./dom.js";
import { t } from "./language.js";

// Opens a dialog with a title and `content`. Returns a function that closes it.
export function openDialog(title, ...content) {
  const heading = h("h2", { id: "dialog-title" }, title);
  const dialog = h("dialog", { "aria-labelledby": "dialog-title" }, heading, content);
  const close = () => dialog.close();
  addEventListener("hashchange", close); // the dialog belongs to the tab that opened it
  dialog.addEventListener("close", () => {
    removeEventListener("hashchange", close);
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
  return close;
}

// Asks for confirmation. Resolves to true or false.
export function confirmed(title, text, confirmLabel) {
  return new Promise((resolve) => {
    let isConfirmed = false;
    const choose = (value) => () => {
      isConfirmed = value;
      close();
    };
    const buttons = h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", onclick: choose(false) }, t("Cancel")),
      h("button", { type: "button", class: "main", onclick: choose(true) }, confirmLabel),
    );
    const close = openDialog(title, h("p", {}, text), buttons);
    buttons.closest("dialog").addEventListener("close", () => resolve(isConfirmed));
  });
}

// Copies to the clipboard. Without permission, opens a dialog with the text and returns false.
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const box = h("textarea", {
      class: "code",
      rows: 12,
      readonly: true,
      "aria-label": t("Text to copy"),
      value: text,
    });
    const close = openDialog(
      t("Text to copy"),
      box,
      h("div", { class: "buttons" }, h("button", { type: "button", onclick: () => close() }, t("Close"))),
    );
    box.select();
    return false;
  }
}

let tokenPrompt = null;

// Prompts for the token of the control API. All requests that wait for it share one prompt.
export function askToken(wasWrong) {
  tokenPrompt ??= promptForToken(wasWrong).finally(() => (tokenPrompt = null));
  return tokenPrompt;
}

function promptForToken(wasWrong) {
  return new Promise((resolve) => {
    const input = h("input", { id: "token", type: "password", required: true, autocomplete: "off" });
    const form = h(
      "form",
      {},
      h("h2", { id: "token-title" }, t("Control token required")),
      h("p", {}, t("Enter the --control-token that the server was started with.")),
      wasWrong && h("p", { class: "error" }, t("Wrong token.")),
      h("label", { for: "token" }, t("Token")),
      input,
      h("div", { class: "buttons" }, h("button", { class: "main" }, t("Continue"))),
    );
    const dialog = h("dialog", { "aria-labelledby": "token-title" }, form);
    // A second Escape closes a dialog in spite of preventDefault, so it is opened again: nothing works without a token.
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("close", () => dialog.isConnected && dialog.showModal());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      resolve(input.value);
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

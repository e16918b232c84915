// Questions in front of the page. The browser keeps the focus inside, and gives it back.
import { h } from "./dom.js";
import { t } from "./words.js";

// Shows `content` under a title until it is closed; the answer closes it.
export function openDialog(title, ...content) {
  const heading = h("h2", { id: "dialog-title" }, title);
  const dialog = h("dialog", { "aria-labelledby": "dialog-title" }, heading, content);
  const close = () => dialog.close();
  addEventListener("hashchange", close); // it belongs to the view that asked
  dialog.addEventListener("close", () => {
    removeEventListener("hashchange", close);
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
  return close;
}

// True if the reader says yes.
export function confirmed(title, text, yes) {
  return new Promise((resolve) => {
    let answer = false;
    const choose = (value) => () => {
      answer = value;
      close();
    };
    const buttons = h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", onclick: choose(false) }, t("Cancel")),
      h("button", { type: "button", class: "main", onclick: choose(true) }, yes),
    );
    const close = openDialog(title, h("p", {}, text), buttons);
    buttons.closest("dialog").addEventListener("close", () => resolve(answer));
  });
}

// The text on the clipboard; where the browser does not give it, in a box to be copied by hand.
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

// Asks for the token of the control API; all calls that wait for it share one question.
import { h } from "./dom.js";
import { t } from "./words.js";

let asked = null;

export function askToken(wasWrong) {
  asked ??= question(wasWrong).finally(() => (asked = null));
  return asked;
}

function question(wasWrong) {
  return new Promise((resolve) => {
    const input = h("input", { id: "token", type: "password", required: true, autocomplete: "off" });
    const form = h(
      "form",
      {},
      h("h2", { id: "token-title" }, t("The control API asks for its token")),
      h("p", {}, t("It is what the fake was started with: --control-token.")),
      wasWrong && h("p", { class: "error" }, t("This token is wrong.")),
      h("label", { for: "token" }, t("Token")),
      input,
      h("div", { class: "buttons" }, h("button", { class: "main" }, t("Go on"))),
    );
    const dialog = h("dialog", { "aria-labelledby": "token-title" }, form);
    // A second Escape closes it all the same; without a token the page can show nothing.
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

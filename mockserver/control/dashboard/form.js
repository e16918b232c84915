// Form controls with their labels, hints and error messages, and buttons that ignore a second click.
import { h } from "./dom.js";

let number = 0;

// A control with its label. `error(text)` shows an error message below it.
export function field(label, control, hint) {
  control.id ||= `field-${++number}`;
  const error = h("p", { class: "error", id: `${control.id}-error` });
  control.setAttribute("aria-describedby", [error.id, hint && `${control.id}-hint`].filter(Boolean).join(" "));
  const element = h(
    "div",
    { class: "field" },
    h("label", { for: control.id }, label),
    control,
    hint && h("p", { class: "hint", id: `${control.id}-hint` }, hint),
    error,
  );
  return { element, control, error: (text) => showFieldError(control, error, text) };
}

function showFieldError(control, place, text) {
  place.textContent = text;
  if (text) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
}

export const option = (value, text = value) => h("option", { value }, text);

export const select = (props, ...options) => {
  const { value, ...others } = props;
  const element = h("select", others, ...options);
  if (value !== undefined) element.value = value;
  return element;
};

// A button that ignores clicks while its action is running.
export function button(text, action, props = {}) {
  const element = h("button", { type: "button", ...props }, text);
  element.addEventListener("click", () => runOnce(element, action));
  return element;
}

// Runs `action` on submit, ignoring further submits while it is running.
export function onSubmit(form, action) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    runOnce(event.submitter ?? form, action);
  });
}

// `aria-disabled` instead of `disabled`, because a disabled element loses the focus.
async function runOnce(element, action) {
  if (element.ariaDisabled) return;
  element.ariaDisabled = "true";
  try {
    await action();
  } finally {
    element.ariaDisabled = null;
  }
}

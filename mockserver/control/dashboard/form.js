// Parts of forms, each with its label.
import { h } from "./dom.js";

let number = 0;

// A label with what it names; `field.error` is where a fault of it is told.
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
  return { element, control, error: (text) => faulty(control, error, text) };
}

function faulty(control, place, text) {
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

// A button that cannot be pressed again while what it does is under way.
export function button(text, act, props = {}) {
  const element = h("button", { type: "button", ...props }, text);
  element.addEventListener("click", () => busy(element, act));
  return element;
}

// The same for a form and the button that sends it.
export function onSubmit(form, act) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(event.submitter ?? form, act);
  });
}

// It is not `disabled` meanwhile, as it would lose the focus.
async function busy(element, act) {
  if (element.ariaDisabled) return;
  element.ariaDisabled = "true";
  try {
    await act();
  } finally {
    element.ariaDisabled = null;
  }
}

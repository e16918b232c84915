// Keyboard focus: kept when elements are rendered again, hidden or removed, and moved by keys.
import { render } from "./dom.js";

const FOCUSABLE = "a[href], button, input:not([type=file]), select, textarea";

// Replaces the children of an element. A focus inside moves to the new element with the same `data-key`, else to the
// one at the same position.
export function rerender(place, ...children) {
  const { activeElement } = document;
  const at = focusable(place).indexOf(activeElement);
  const { key } = activeElement?.dataset ?? {};
  render(place, ...children);
  if (at < 0) return;
  const now = focusable(place);
  const heir = (key && now.find((one) => one.dataset.key === key)) ?? now[Math.min(at, now.length - 1)];
  focusOn(heir ?? place);
}

// Focuses any element, including those that Tab does not reach.
export function focusOn(element) {
  if (!element.matches(FOCUSABLE)) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

// Scrolls a list to one of its elements. `scrollIntoView` would also change where Tab continues in some browsers.
export function reveal(list, element) {
  const [outer, inner] = [list.getBoundingClientRect(), element.getBoundingClientRect()];
  list.scrollTop += Math.min(inner.top - outer.top, 0) || Math.max(inner.bottom - outer.bottom, 0);
  list.scrollLeft += Math.min(inner.left - outer.left, 0) || Math.max(inner.right - outer.right, 0);
}

// Calls `action` on Escape, unless the reader is typing into a field.
export function onEscape(element, action) {
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.target.matches("input, select, textarea")) return;
    event.preventDefault();
    action();
  });
}

// Moves the focus along the links of a list by arrow keys, Home and End.
export function navigableByArrows(list) {
  list.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(event.target);
    const next = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: -1 };
    if (at < 0 || !(event.key in next)) return;
    event.preventDefault();
    links.at(next[event.key] % links.length).focus();
  });
  return list;
}

const focusable = (place) => [...place.querySelectorAll(FOCUSABLE)];

// Where the focus goes when what held it is made anew, hidden or gone.
import { show } from "./dom.js";

const REACHED = "a[href], button, input:not([type=file]), select, textarea";

// Puts other children into a place. A focus inside stays with what has the same `data-key`, else where it was.
export function redraw(place, ...children) {
  const { activeElement } = document;
  const at = reached(place).indexOf(activeElement);
  const { key } = activeElement?.dataset ?? {};
  show(place, ...children);
  if (at < 0) return;
  const now = reached(place);
  const heir = (key && now.find((one) => one.dataset.key === key)) ?? now[Math.min(at, now.length - 1)];
  focusOn(heir ?? place);
}

// Of elements that Tab does not reach, too.
export function focusOn(element) {
  if (!element.matches(REACHED)) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

// Scrolls a list to one of its elements. After `scrollIntoView`, Tab would go on from there in some browsers.
export function reveal(list, element) {
  const [outer, inner] = [list.getBoundingClientRect(), element.getBoundingClientRect()];
  list.scrollTop += Math.min(inner.top - outer.top, 0) || Math.max(inner.bottom - outer.bottom, 0);
  list.scrollLeft += Math.min(inner.left - outer.left, 0) || Math.max(inner.right - outer.right, 0);
}

// Escape leads out of an opened thing, unless something is being written.
export function onEscape(element, act) {
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.target.matches("input, select, textarea")) return;
    event.preventDefault();
    act();
  });
}

// Arrow keys, Home and End lead along the links of a list.
export function walkable(list) {
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

const reached = (place) => [...place.querySelectorAll(REACHED)];

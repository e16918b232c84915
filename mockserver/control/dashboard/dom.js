// DOM elements from values. Texts become text nodes, never markup, so that no value can run as a script.

export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), props, children);
}

// Replaces the children of an element.
export function render(element, ...children) {
  element.replaceChildren(...children.flat(3).filter(isPresent).map(asNode));
  return element;
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) set(element, name, value);
  element.append(...children.flat(3).filter(isPresent).map(asNode));
  return element;
}

// `on…` are event listeners, some names are properties, all others are attributes.
const PROPERTIES = new Set(["value", "checked", "disabled", "selected", "open", "indeterminate"]);

function set(element, name, value) {
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (PROPERTIES.has(name)) element[name] = value;
  else if (isPresent(value)) element.setAttribute(name, value === true ? "" : value);
}

const isPresent = (value) => value !== null && value !== undefined && value !== false;
const asNode = (value) => (value instanceof Node ? value : document.createTextNode(String(value)));

// Elements from values. Text becomes text nodes and never markup, so nothing that a value holds can run.

export function h(tag, props = {}, ...children) {
  return filled(document.createElement(tag), props, children);
}

export function svg(tag, props = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), props, children);
}

// Puts other children into the place of those that are there.
export function show(element, ...children) {
  element.replaceChildren(...children.flat(3).filter(isThere).map(asNode));
  return element;
}

function filled(element, props, children) {
  for (const [name, value] of Object.entries(props)) set(element, name, value);
  element.append(...children.flat(3).filter(isThere).map(asNode));
  return element;
}

// `onclick` and the like are functions; `value`, `checked` and the like are properties; the rest are attributes.
const PROPERTIES = new Set(["value", "checked", "disabled", "selected", "open", "indeterminate"]);

function set(element, name, value) {
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (PROPERTIES.has(name)) element[name] = value;
  else if (isThere(value)) element.setAttribute(name, value === true ? "" : value);
}

const isThere = (value) => value !== null && value !== undefined && value !== false;
const asNode = (value) => (value instanceof Node ? value : document.createTextNode(String(value)));

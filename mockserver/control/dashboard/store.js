// What the page remembers: the sandbox that it looks at, and the wishes of its reader (which outlive the tab).

const listeners = new Set();

// Null: all of them in Traffic and Contract, the default one elsewhere. An address may name one: `/_mock/?sandbox=mine`.
export const present = { sandbox: new URLSearchParams(location.search).get("sandbox") };

export function choose(sandbox) {
  present.sandbox = sandbox;
  listeners.forEach((listener) => listener());
}

// Calls `listener` whenever another sandbox is chosen; the answer stops that.
export function onChoice(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const inSandbox = (query = {}) => ({ ...query, sandbox: present.sandbox ?? "default" });

export const wish = (name) => localStorage.getItem(`desk-${name}`);
export const keepWish = (name, value) => localStorage.setItem(`desk-${name}`, value);

// What the page remembers: the sandbox that it looks at, and the wishes of its reader (which outlive the tab).

const listeners = new Set();

export const present = { sandbox: null }; // null: all of them in Traffic, the default one elsewhere

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

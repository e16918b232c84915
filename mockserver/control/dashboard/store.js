// State shared by all tabs: the selected sandbox, and the settings that are saved in the browser.

const listeners = new Set();

// Null selects all sandboxes in Traffic and Contract and the default one elsewhere. The address can select one:
// `/_mock/?sandbox=mine`.
export const selected = { sandbox: new URLSearchParams(location.search).get("sandbox") };

export function selectSandbox(name) {
  selected.sandbox = name;
  listeners.forEach((listener) => listener());
}

// Calls `listener` after each selection. Returns a function that unsubscribes.
export function onSandboxChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const inSandbox = (query = {}) => ({ ...query, sandbox: selected.sandbox ?? "default" });

export const setting = (name) => localStorage.getItem(`dashboard-${name}`);
export const saveSetting = (name, value) => localStorage.setItem(`dashboard-${name}`, value);

// Filters of the Traffic tab: text, operation, status and sandbox.
import { h, render } from "./dom.js";
import { field, option, select } from "./form.js";
import { t } from "./language.js";
import { selected } from "./store.js";

const current = { text: "", operation: "", status: "" }; // kept until the page is closed

export function createFilters(onChange) {
  const text = h("input", { type: "search", value: current.text, placeholder: t("path, method or source") });
  const status = select(
    { value: current.status },
    option("", t("any")),
    option("2", t("2xx success")),
    option("4", t("4xx client error")),
    option("5", t("5xx server error")),
    option("0", t("no response")),
    option("!", t("contract violation")),
  );
  const names = new Set();
  const operation = h("select", {}, option("", t("any")));

  function changed() {
    Object.assign(current, { text: text.value.trim().toLowerCase(), operation: operation.value, status: status.value });
    onChange();
  }

  function matches(entry) {
    if (selected.sandbox && (entry.sandbox ?? "default") !== selected.sandbox) return false;
    if (current.operation && entry.operation !== current.operation) return false;
    if (current.status && !hasStatus(entry, current.status)) return false;
    const text = `${entry.method} ${entry.path}?${entry.query} ${entry.status} ${entry.source}`;
    return text.toLowerCase().includes(current.text);
  }

  // Offers the operations that occur in the journal.
  function updateOperations(entries) {
    const before = names.size;
    for (const entry of entries) if (entry.operation) names.add(entry.operation);
    if (current.operation) names.add(current.operation);
    // Rendering again would close an open list.
    if (names.size === before) return;
    render(
      operation,
      option("", t("any")),
      [...names].sort().map((name) => option(name)),
    );
    operation.value = current.operation;
  }

  for (const control of [text, status, operation]) control.addEventListener("input", changed);
  const element = h(
    "form",
    { class: "filters", role: "search", onsubmit: (event) => event.preventDefault() },
    field(t("Search"), text).element,
    field(t("Operation"), operation).element,
    field(t("Status"), status).element,
  );
  const isActive = () => Boolean(current.text || current.operation || current.status || selected.sandbox);
  return { element, matches, isActive, updateOperations };
}

function hasStatus(entry, wanted) {
  if (wanted === "!") return entry.violations > 0;
  return String(Math.floor(entry.status / 100)) === wanted;
}

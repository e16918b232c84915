// The filters of the list of calls: by text, operation, status and sandbox.
import { h, show } from "./dom.js";
import { field, option, select } from "./form.js";
import { present } from "./store.js";
import { t } from "./words.js";

const kept = { text: "", operation: "", status: "" }; // as long as the page is open

export function makeFilters(onChange) {
  const text = h("input", { type: "search", value: kept.text, placeholder: t("path, method or source") });
  const status = select(
    { value: kept.status },
    option("", t("any")),
    option("2", t("2xx good")),
    option("4", t("4xx refused")),
    option("5", t("5xx broken")),
    option("0", t("no answer")),
    option("!", t("broke the contract")),
  );
  const names = new Set();
  const operation = h("select", {}, option("", t("any")));

  function changed() {
    Object.assign(kept, { text: text.value.trim().toLowerCase(), operation: operation.value, status: status.value });
    onChange();
  }

  function fits(entry) {
    if (present.sandbox && (entry.sandbox ?? "default") !== present.sandbox) return false;
    if (kept.operation && entry.operation !== kept.operation) return false;
    if (kept.status && !hasStatus(entry, kept.status)) return false;
    return (
      !kept.text || `${entry.method} ${entry.path} ${entry.status} ${entry.source}`.toLowerCase().includes(kept.text)
    );
  }

  // The operations that were called can be chosen.
  function learn(entries) {
    const before = names.size;
    for (const entry of entries) if (entry.operation) names.add(entry.operation);
    if (kept.operation) names.add(kept.operation);
    if (names.size === before) return;
    show(
      operation,
      option("", t("any")),
      [...names].sort().map((name) => option(name)),
    );
    operation.value = kept.operation;
  }

  for (const control of [text, status, operation]) control.addEventListener("input", changed);
  const element = h(
    "form",
    { class: "filters", role: "search", onsubmit: (event) => event.preventDefault() },
    field(t("Search"), text).element,
    field(t("Operation"), operation).element,
    field(t("Status"), status).element,
  );
  const isOn = () => Boolean(kept.text || kept.operation || kept.status || present.sandbox);
  return { element, fits, isOn, learn };
}

function hasStatus(entry, wanted) {
  if (wanted === "!") return entry.violations > 0;
  return String(Math.floor(entry.status / 100)) === wanted;
}

// Traffic tab: journal entries as they arrive, and the details of one of them. `#/traffic/17` opens entry 17.
import { get } from "./api.js";
import { h, render } from "./dom.js";
import { showEntry } from "./entry.js";
import { clearJournal, entries, onEntries } from "./feed.js";
import { createFilters } from "./filters.js";
import { focusOn, onEscape, rerender } from "./focus.js";
import { button } from "./form.js";
import { duration, number, statusClass, time } from "./format.js";
import { t } from "./language.js";
import { announce, notify, showError } from "./notice.js";
import { selected } from "./store.js";
import { VirtualTable } from "./virtual_table.js";

export function open(place, rest) {
  let shown = [];
  const count = h("p", { class: "count", role: "status" });
  const empty = h("p", { class: "empty" });
  const detail = h("section", { class: "detail", "aria-label": t("Request details") });
  const rows = new VirtualTable({
    label: t("Requests, newest first"),
    columns: columns(),
    key: (index) => shown[shown.length - 1 - index].number,
    cells: (index) => cells(shown[shown.length - 1 - index]),
  });
  const filters = createFilters(() => refresh(0));

  function refresh(added) {
    const before = shown.length;
    shown = filters.isActive() ? entries.filter(filters.matches) : entries.slice();
    rows.update(shown.length, added && (filters.isActive() ? Math.max(shown.length - before, 0) : added));
    render(count, t("{found} of {all} requests", { found: number(shown.length), all: number(entries.length) }));
    render(
      empty,
      shown.length
        ? null
        : entries.length
          ? t("No request matches the filters.")
          : t("No requests yet. Requests to this server appear here."),
    );
    filters.updateOperations(entries);
  }

  const clear = button(t("Clear journal"), () => clearJournal(selected.sandbox).then(handleCleared, showError));
  function handleCleared() {
    location.hash = "#/traffic";
    notify(t("Journal cleared."));
  }

  filters.element.append(clear);
  place.append(
    filters.element,
    count,
    h("div", { class: "split" }, h("div", { class: "list" }, rows.element, empty), detail),
  );
  const stop = onEntries((added) => requestAnimationFrame(() => refresh(added)));
  addEventListener("restarted", handleRestart);
  function handleRestart() {
    location.hash = "#/traffic";
    refresh(0);
    rows.rerender();
  }
  onEscape(detail, () => (location.hash = "#/traffic"));
  refresh(0);
  go(rest);

  async function go([wanted]) {
    const wasInside = detail.contains(document.activeElement);
    place.classList.toggle("opened", Boolean(wanted));
    rows.select(Number(wanted) || null);
    if (wanted) return await openEntry(detail, wanted);
    render(detail, h("p", { class: "empty" }, t("Select a request to see its details.")));
    if (wasInside) rows.focus();
  }

  return {
    go,
    stop: () => {
      stop();
      rows.stop();
      removeEventListener("restarted", handleRestart);
    },
  };
}

async function openEntry(detail, wanted) {
  const back = h("a", { href: "#/traffic", class: "back" }, t("← All requests"));
  try {
    const entry = await get(`/journal/${encodeURIComponent(wanted)}`);
    if (location.hash !== `#/traffic/${wanted}`) return; // another entry was opened meanwhile
    rerender(detail, back, showEntry(entry));
    announceOpened(detail);
  } catch (error) {
    if (error.status === undefined) throw error;
    rerender(detail, back, h("p", { class: "error" }, error.message));
  }
  detail.scrollTop = 0;
}

// The list keeps the focus, unless a narrow page shows the details only.
function announceOpened(detail) {
  const heading = detail.querySelector("h2");
  announce(heading.textContent);
  if (!detail.previousElementSibling.checkVisibility()) focusOn(heading);
}

const columns = () => [
  { content: t("Status"), props: { class: "status" } },
  { content: t("Request"), props: { class: "call" } },
  { content: t("Operation"), props: { class: "operation" } },
  { content: t("Source"), props: { class: "source" } },
  { content: t("Duration"), props: { class: "took" } },
  { content: t("Time"), props: { class: "at" } },
];

const query = (entry) => (entry.query ? `?${entry.query}` : "");

const cells = (entry) => [
  h("span", { class: `badge ${statusClass(entry.status)}` }, entry.status || t("none")),
  h(
    "a",
    { class: "opens", href: `#/traffic/${entry.number}`, title: entry.path + query(entry) },
    h("b", {}, entry.method),
    " ",
    entry.path,
    h("span", { class: "hint" }, query(entry)),
  ),
  entry.operation ?? t("no operation"),
  [entry.source, entry.violations > 0 && h("span", { class: "mark", title: t("contract violation") }, " !")],
  duration(entry.milliseconds),
  time(entry.at),
];

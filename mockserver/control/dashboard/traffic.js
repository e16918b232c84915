// Traffic: the calls as they come, and one of them opened.
import { get } from "./api.js";
import { h, show } from "./dom.js";
import { showEntry } from "./entry.js";
import { entries, forget, onEntries } from "./feed.js";
import { focusOn, onEscape, redraw } from "./focus.js";
import { makeFilters } from "./filters.js";
import { button } from "./form.js";
import { duration, kind, number, time } from "./format.js";
import { say, tell, tellProblem } from "./notice.js";
import { Rows } from "./rows.js";
import { present } from "./store.js";
import { t } from "./words.js";

export function open(place, rest) {
  let found = [];
  const count = h("p", { class: "count", role: "status" });
  const empty = h("p", { class: "empty" });
  const detail = h("section", { class: "detail", "aria-label": t("The opened call") });
  const rows = new Rows({
    label: t("Calls, the newest first"),
    columns: columns(),
    key: (index) => found[found.length - 1 - index].number,
    cells: (index) => cells(found[found.length - 1 - index]),
  });
  const filters = makeFilters(() => refresh(0));

  function refresh(fresh) {
    const before = found.length;
    found = filters.isOn() ? entries.filter(filters.fits) : entries.slice();
    rows.update(found.length, fresh && (filters.isOn() ? Math.max(found.length - before, 0) : fresh));
    show(count, t("{found} of {all} calls", { found: number(found.length), all: number(entries.length) }));
    show(
      empty,
      found.length
        ? null
        : entries.length
          ? t("No call fits the filters.")
          : t("No call yet. Send one to the fake, and it is here."),
    );
    filters.learn(entries);
  }

  const clear = button(t("Clear"), () => forget(present.sandbox).then(forgotten, tellProblem));
  function forgotten() {
    location.hash = "#/traffic";
    tell(t("The calls are forgotten."));
  }

  filters.element.append(clear);
  place.append(
    filters.element,
    count,
    h("div", { class: "split" }, h("div", { class: "list" }, rows.element, empty), detail),
  );
  const stop = onEntries((fresh) => requestAnimationFrame(() => refresh(fresh)));
  addEventListener("restarted", again);
  function again() {
    location.hash = "#/traffic";
    refresh(0);
    rows.renew();
  }
  onEscape(detail, () => (location.hash = "#/traffic"));
  refresh(0);
  go(rest);

  async function go([wanted]) {
    const wasInside = detail.contains(document.activeElement);
    place.classList.toggle("opened", Boolean(wanted));
    rows.choose(Number(wanted) || null);
    if (wanted) return await openEntry(detail, wanted);
    show(detail, h("p", { class: "empty" }, t("Open a call to see what became of it.")));
    if (wasInside) rows.focus();
  }

  return {
    go,
    stop: () => {
      stop();
      rows.stop();
      removeEventListener("restarted", again);
    },
  };
}

async function openEntry(detail, wanted) {
  const back = h("a", { href: "#/traffic", class: "back" }, t("← All calls"));
  try {
    const entry = await get(`/journal/${encodeURIComponent(wanted)}`);
    if (location.hash !== `#/traffic/${wanted}`) return; // another one was opened meanwhile
    redraw(detail, back, showEntry(entry));
    tellOpened(detail);
  } catch (error) {
    if (error.status === undefined) throw error;
    redraw(detail, back, h("p", { class: "error" }, error.message));
  }
  detail.scrollTop = 0;
}

// The list keeps the focus, unless there is no room for both.
function tellOpened(detail) {
  const heading = detail.querySelector("h2");
  say(heading.textContent);
  if (!detail.previousElementSibling.checkVisibility()) focusOn(heading);
}

const columns = () => [
  { content: t("Status"), props: { class: "status" } },
  { content: t("Call"), props: { class: "call" } },
  { content: t("Operation"), props: { class: "operation" } },
  { content: t("From"), props: { class: "source" } },
  { content: t("Took"), props: { class: "took" } },
  { content: t("At"), props: { class: "at" } },
];

const cells = (entry) => [
  h("span", { class: `badge ${kind(entry.status)}` }, entry.status || t("none")),
  h("a", { class: "opens", href: `#/traffic/${entry.number}`, title: entry.path }, h("b", {}, entry.method), " ", entry.path),
  entry.operation ?? t("no operation"),
  [entry.source, entry.violations > 0 && h("span", { class: "mark", title: t("broke the contract") }, " !")],
  duration(entry.milliseconds),
  time(entry.at),
];

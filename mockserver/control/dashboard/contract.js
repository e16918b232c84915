// Contract: every operation with how sure we are of it, what was seen of it so far, and how it went.
import { get, offers } from "./api.js";
import { h, show } from "./dom.js";
import { entries, onEntries } from "./feed.js";
import { duration, kind, number } from "./format.js";
import { tellProblem } from "./notice.js";
import { byTag } from "./operations.js";
import { measured } from "./measures.js";
import { bars } from "./plots.js";
import { present } from "./store.js";
import { row, table } from "./table.js";
import { t } from "./words.js";

const PAUSE = 1000;

export function open(place) {
  const summary = h("p", { class: "count", role: "status" });
  const body = h("div", {});
  place.append(summary, body);
  let rows = new Map();
  let waiting = null;

  async function load() {
    const tags = await byTag();
    rows = new Map();
    show(
      body,
      [...tags].map(([tag, operations]) => section(tag, operations, rows)),
    );
    await refresh();
  }

  async function refresh() {
    const now = Date.now();
    const measures = measured(entries.filter(isHere), now);
    const covered = await coverage();
    for (const row of rows.values()) row.update(measures.get(row.operation.id), covered?.get(row.operation.id));
    const all = [...rows.values()];
    const sum = (count) => number(all.reduce((total, row) => total + count(row), 0));
    show(
      summary,
      t("{seen} of {all} operations and {statuses} of {documented} documented statuses were seen.", {
        seen: sum((row) => (row.seen.size ? 1 : 0)),
        all: number(all.length),
        statuses: sum((row) => row.operation.statuses.filter((status) => row.seen.has(status)).length),
        documented: sum((row) => row.operation.statuses.length),
      }),
    );
  }

  const again = () => load().catch(tellProblem);
  const stop = onEntries(
    () =>
      (waiting ??= setTimeout(() => {
        waiting = null;
        refresh().catch(tellProblem);
      }, PAUSE)),
  );
  addEventListener("back", again);
  again();
  return {
    go() {},
    stop: () => {
      stop();
      clearTimeout(waiting);
      removeEventListener("back", again);
    },
  };
}

const isHere = (entry) => !present.sandbox || (entry.sandbox ?? "default") === present.sandbox;

// The statuses that the fake has seen by operation, also those of calls that the journal forgot; null if it counts none.
async function coverage() {
  if (!(await offers("/coverage"))) return null;
  const told = await get("/coverage", { form: "json", sandbox: present.sandbox });
  return new Map(
    told.operations.map((one) => [
      one.operation,
      [...Object.keys(one.statuses).filter((status) => one.statuses[status]), ...one.undocumented.map(String)],
    ]),
  );
}

const heads = () => [
  t("Operation"),
  t("Provenance"),
  t("Statuses: seen and never seen"),
  t("Calls"),
  t("Latency"),
  t("Throughput"),
];

function section(tag, operations, rows) {
  const lines = operations.map((operation) => {
    const line = new Line(operation);
    rows.set(operation.id, line);
    return line.element;
  });
  return h("section", { class: "card" }, h("h2", {}, tag), table(tag, heads(), lines, { class: "operations" }));
}

class Line {
  constructor(operation) {
    Object.assign(this, { operation, seen: new Set() });
    this.statuses = h("ul", { class: "chips" });
    this.calls = h("span", { class: "numbers" });
    this.latency = h("div", { class: "numbers" });
    this.throughput = h("div", {});
    const { id, tag, method, path, provenance } = operation;
    const docs = `/docs#/${encodeURIComponent(tag)}/${encodeURIComponent(id)}`;
    this.element = row(heads(), [
      [h("a", { href: docs }, id), h("p", { class: "hint" }, h("b", {}, method), " ", path)],
      h("span", { class: `provenance ${provenance.status ?? ""}` }, provenance.status ?? "–"),
      this.statuses,
      this.calls,
      this.latency,
      this.throughput,
    ]);
    this.update();
  }

  update(measure, covered = []) {
    this.seen = new Set([...covered, ...(measure ? measure.statuses : [])]);
    const { statuses } = this.operation;
    const stray = [...this.seen].filter((status) => !statuses.includes(status));
    show(
      this.statuses,
      [...statuses, ...stray].map((status) => this.chip(status, stray)),
    );
    this.element.classList.toggle("uncalled", !measure);
    show(this.calls, measure ? number(measure.count) : "–");
    if (!measure) return (show(this.latency, "–"), show(this.throughput, "–"));
    const told = t("median {median}, at most {most}", {
      median: duration(measure.median),
      most: duration(measure.most),
    });
    show(
      this.latency,
      bars(measure.latencies, t("Latency of the last calls: {told}", { told })),
      h("p", { class: "hint" }, told),
    );
    const perMinute = t("{count} in the last 10 minutes", { count: number(measure.recent) });
    show(
      this.throughput,
      bars(measure.throughput, t("Calls by half minutes: {told}", { told: perMinute })),
      h("p", { class: "hint" }, perMinute),
    );
  }

  chip(status, stray) {
    const isSeen = this.seen.has(status);
    const told = stray.includes(status) ? t("seen, but not documented") : isSeen ? t("seen") : t("never seen");
    return h(
      "li",
      { class: `chip ${isSeen ? `badge ${kind(Number(status))}` : "unseen"}`, title: told },
      status,
      stray.includes(status) ? " !" : isSeen ? " ✓" : "",
      h("span", { class: "hidden" }, ` ${told}`),
    );
  }
}

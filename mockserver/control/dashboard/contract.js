// Contract tab: provenance, status coverage, requests, latency and throughput of every operation, and drift.
import { get } from "./api.js";
import { h, render } from "./dom.js";
import { driftAt } from "./drift.js";
import { entries, onEntries } from "./feed.js";
import { duration, number, statusClass } from "./format.js";
import { t } from "./language.js";
import { showError } from "./notice.js";
import { byTag } from "./operations.js";
import { barChart, measure } from "./statistics.js";
import { selected } from "./store.js";
import { row, table } from "./table.js";

const REFRESH_DELAY = 1000; // milliseconds

export function open(place) {
  const summary = h("p", { class: "count", role: "status" });
  const body = h("div", {});
  const drift = h("div", {});
  const showDrift = driftAt(drift);
  place.append(summary, drift, body);
  let rows = new Map();
  let timer = null;

  async function load() {
    const tags = await byTag();
    rows = new Map();
    render(
      body,
      [...tags].map(([tag, operations]) => section(tag, operations, rows)),
    );
    await refresh();
  }

  async function refresh() {
    await showDrift();
    const now = Date.now();
    const statistics = measure(entries.filter(isSelected), now);
    const covered = await coverage();
    for (const row of rows.values()) row.update(statistics.get(row.operation.id), covered.get(row.operation.id));
    const all = [...rows.values()];
    const sum = (count) => number(all.reduce((total, row) => total + count(row), 0));
    render(
      summary,
      t("Seen: {seen} of {all} operations, {statuses} of {documented} documented statuses.", {
        seen: sum((row) => (row.seen.size ? 1 : 0)),
        all: number(all.length),
        statuses: sum((row) => row.operation.statuses.filter((status) => row.seen.has(status)).length),
        documented: sum((row) => row.operation.statuses.length),
      }),
    );
  }

  const reload = () => load().catch(showError);
  // At most one refresh per second, however many requests come.
  const stop = onEntries(
    () =>
      (timer ??= setTimeout(() => {
        timer = null;
        refresh().catch(showError);
      }, REFRESH_DELAY)),
  );
  addEventListener("reconnected", reload);
  reload();
  return {
    go() {},
    stop: () => {
      stop();
      clearTimeout(timer);
      removeEventListener("reconnected", reload);
    },
  };
}

const isSelected = (entry) => !selected.sandbox || (entry.sandbox ?? "default") === selected.sandbox;

// Seen statuses by operationId, including those of entries that the journal has dropped.
async function coverage() {
  const report = await get("/coverage", { form: "json", sandbox: selected.sandbox });
  return new Map(
    report.operations.map((one) => [
      one.operation,
      [...Object.keys(one.statuses).filter((status) => one.statuses[status]), ...one.undocumented.map(String)],
    ]),
  );
}

const heads = () => [
  t("Operation"),
  t("Provenance"),
  t("Status coverage"),
  t("Requests"),
  t("Latency"),
  t("Throughput"),
];

function section(tag, operations, rows) {
  const lines = operations.map((operation) => {
    const row = new OperationRow(operation);
    rows.set(operation.id, row);
    return row.element;
  });
  return h("section", { class: "card" }, h("h2", {}, tag), table(tag, heads(), lines, { class: "operations" }));
}

class OperationRow {
  constructor(operation) {
    Object.assign(this, { operation, seen: new Set() });
    this.statuses = h("ul", { class: "chips" });
    this.requests = h("span", { class: "numbers" });
    this.latency = h("div", { class: "numbers" });
    this.throughput = h("div", {});
    const { id, tag, method, path, provenance } = operation;
    const docs = `/docs#/${encodeURIComponent(tag)}/${encodeURIComponent(id)}`;
    this.element = row(heads(), [
      [h("a", { href: docs }, id), h("p", { class: "hint" }, h("b", {}, method), " ", path)],
      h("span", { class: `provenance ${provenance.status ?? ""}` }, provenance.status ?? "–"),
      this.statuses,
      this.requests,
      this.latency,
      this.throughput,
    ]);
    this.update();
  }

  update(statistics, covered = []) {
    this.seen = new Set([...covered, ...(statistics ? statistics.statuses : [])]);
    const { statuses } = this.operation;
    const undocumented = [...this.seen].filter((status) => !statuses.includes(status));
    render(
      this.statuses,
      [...statuses, ...undocumented].map((status) => this.chip(status, undocumented)),
    );
    this.element.classList.toggle("uncalled", !statistics);
    render(this.requests, statistics ? number(statistics.count) : "–");
    if (!statistics) return (render(this.latency, "–"), render(this.throughput, "–"));
    const summary = t("median {median}, max {max}", {
      median: duration(statistics.median),
      max: duration(statistics.max),
    });
    render(
      this.latency,
      barChart(statistics.latencies, t("Latency of the last requests: {summary}", { summary })),
      h("p", { class: "hint" }, summary),
    );
    const recent = t("{count} in the last 10 minutes", { count: number(statistics.recent) });
    render(
      this.throughput,
      barChart(statistics.throughput, t("Requests per 30 seconds: {summary}", { summary: recent })),
      h("p", { class: "hint" }, recent),
    );
  }

  chip(status, undocumented) {
    const isSeen = this.seen.has(status);
    const label = undocumented.includes(status) ? t("seen, not documented") : isSeen ? t("seen") : t("not seen");
    return h(
      "li",
      { class: `chip ${isSeen ? `badge ${statusClass(Number(status))}` : "unseen"}`, title: label },
      status,
      undocumented.includes(status) ? " !" : isSeen ? " ✓" : "",
      h("span", { class: "hidden" }, ` ${label}`),
    );
  }
}

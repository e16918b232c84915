// Statistics per operation over the entries of the journal, and the bar charts that show them.
import { svg } from "./dom.js";

const CHARTED_LATENCIES = 40;
const STEP = 30_000; // milliseconds per bar of the throughput chart
const STEPS = 20;
const WIDTH = 120;
const HEIGHT = 24;

// Statistics by operationId: count, statuses, median and maximal latency, throughput.
export function measure(entries, now) {
  const byOperation = new Map();
  for (const entry of entries) {
    if (!entry.operation) continue;
    if (!byOperation.has(entry.operation)) byOperation.set(entry.operation, empty());
    const statistics = byOperation.get(entry.operation);
    statistics.count += 1;
    if (entry.status) statistics.statuses.add(String(entry.status));
    statistics.latencies.push(entry.milliseconds);
    const ago = Math.floor((now - Date.parse(entry.at)) / STEP);
    if (ago < STEPS) statistics.throughput[STEPS - 1 - Math.max(ago, 0)] += 1;
  }
  for (const statistics of byOperation.values()) summarize(statistics);
  return byOperation;
}

const empty = () => ({ count: 0, statuses: new Set(), latencies: [], throughput: Array(STEPS).fill(0) });

function summarize(statistics) {
  const sorted = statistics.latencies.toSorted((one, other) => one - other);
  statistics.median = sorted[Math.floor(sorted.length / 2)];
  statistics.max = sorted.at(-1);
  statistics.latencies = statistics.latencies.slice(-CHARTED_LATENCIES);
  statistics.recent = statistics.throughput.reduce((total, count) => total + count, 0);
}

// A bar per value; the highest value fills the height of the chart.
export function barChart(values, label) {
  const highest = Math.max(...values) || 1;
  const step = WIDTH / Math.max(values.length, 20);
  const bar = (value, at) => {
    // At least a pixel, so that a small value differs from none.
    const height = Math.max((value / highest) * HEIGHT, value ? 1 : 0);
    return `M${((at + 0.5) * step).toFixed(1)} ${HEIGHT}V${(HEIGHT - height).toFixed(1)}`;
  };
  const size = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT };
  return svg(
    "svg",
    { role: "img", "aria-label": label, class: "chart", ...size },
    svg("path", { d: values.map(bar).join(""), "stroke-width": (step * 0.7).toFixed(1) }),
  );
}

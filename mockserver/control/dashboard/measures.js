// What the calls of each operation tell together: statuses, latencies, and how many there were when.
const LAST = 40;
const STEP = 30_000; // milliseconds
const STEPS = 20;

export function measured(entries, now) {
  const found = new Map();
  for (const entry of entries) {
    if (!entry.operation) continue;
    let measure = found.get(entry.operation);
    if (!measure) found.set(entry.operation, (measure = empty()));
    measure.count += 1;
    if (entry.status) measure.statuses.add(String(entry.status));
    measure.latencies.push(entry.milliseconds);
    const ago = Math.floor((now - Date.parse(entry.at)) / STEP);
    if (ago < STEPS) measure.throughput[STEPS - 1 - Math.max(ago, 0)] += 1;
  }
  for (const measure of found.values()) finish(measure);
  return found;
}

const empty = () => ({ count: 0, statuses: new Set(), latencies: [], throughput: Array(STEPS).fill(0) });

function finish(measure) {
  const sorted = measure.latencies.toSorted((one, other) => one - other);
  measure.median = sorted[Math.floor(sorted.length / 2)];
  measure.most = sorted.at(-1);
  measure.latencies = measure.latencies.slice(-LAST);
  measure.recent = measure.throughput.reduce((total, count) => total + count, 0);
}

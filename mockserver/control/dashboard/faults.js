// Active faults of the sandbox. Only the first matching fault affects a request, so the latency slider's stays last.
import { get, post, remove } from "./api.js";
import { inSandbox } from "./store.js";

export class FaultList {
  constructor() {
    this.all = [];
    this.listeners = [];
  }

  onChange(listener) {
    this.listeners.push(listener);
  }

  async refresh() {
    this.all = await get("/faults", inSandbox());
    this.listeners.forEach((listener) => listener(this.all));
  }

  // The fault behind the latency slider: a fixed delay of all requests and no other effect.
  get latency() {
    return this.all.find(
      (fault) => Object.keys(definition(fault)).join() === "delay" && typeof fault.delay === "number",
    );
  }

  async add(fault) {
    await this.beforeLatency(() => post("/faults", fault, inSandbox()));
  }

  async start(scenario) {
    await this.beforeLatency(() => post(`/scenarios/${encodeURIComponent(scenario)}/start`, undefined, inSandbox()));
  }

  async remove(...ids) {
    for (const id of ids) await remove(`/faults/${id}`, inSandbox());
    await this.refresh();
  }

  async clear() {
    await remove("/faults", inSandbox());
    await this.refresh();
  }

  async setLatency(milliseconds) {
    const before = this.latency;
    if (before) await remove(`/faults/${before.id}`, inSandbox());
    if (milliseconds > 0) await post("/faults", { delay: milliseconds }, inSandbox());
    await this.refresh();
  }

  // Runs `change`, then moves the latency back to the end of the list.
  async beforeLatency(change) {
    await this.refresh();
    const { latency } = this;
    try {
      await change();
      if (latency) await this.setLatency(latency.delay);
    } finally {
      await this.refresh();
    }
  }
}

// The fault as it was requested, without id and counters.
export function definition({ id, seen, hits, ...requested }) {
  return requested;
}

// Finds one active fault per definition. Returns their ids, or null if one is missing.
export function matching(faults, definitions) {
  const left = [...faults];
  const ids = [];
  for (const wanted of definitions) {
    const at = left.findIndex((fault) => canonical(definition(fault)) === canonical(wanted));
    if (at < 0) return null;
    ids.push(...left.splice(at, 1).map((fault) => fault.id));
  }
  return ids;
}

// JSON with sorted names, so that the order of members does not matter in a comparison.
const canonical = (value) =>
  JSON.stringify(value, (_, part) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

// The faults of the sandbox. The first that strikes a call is its only one, so the latency of all calls stays last.
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

  // The fault that the slider made: a delay of all calls, and nothing else.
  get latency() {
    return this.all.find((fault) => Object.keys(wanted(fault)).join() === "delay" && typeof fault.delay === "number");
  }

  async add(...faults) {
    await this.beforeLatency(async () => {
      for (const fault of faults) await post("/faults", fault, inSandbox());
    });
  }

  async start(scenario) {
    await this.beforeLatency(() => post(`/scenarios/${encodeURIComponent(scenario)}/start`, undefined, inSandbox()));
  }

  async end(...ids) {
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

  async beforeLatency(act) {
    await this.refresh();
    const { latency } = this;
    try {
      await act();
      if (latency) await this.setLatency(latency.delay);
    } finally {
      await this.refresh();
    }
  }
}

// What a fault was asked to be, without its count.
export function wanted({ id, seen, hits, ...asked }) {
  return asked;
}

// The ids of faults that are as `asked`, one for each; null if one is missing.
export function matching(faults, asked) {
  const left = [...faults];
  const ids = [];
  for (const each of asked) {
    const at = left.findIndex((fault) => same(wanted(fault), each));
    if (at < 0) return null;
    ids.push(...left.splice(at, 1).map((fault) => fault.id));
  }
  return ids;
}

const same = (one, other) => canonical(one) === canonical(other);
const canonical = (value) =>
  JSON.stringify(value, (_, part) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

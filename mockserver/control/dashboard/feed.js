// Feed of journal entries: the newest page first, then older pages, and new entries by server-sent events or polling.
// A restarted server is detected by its entry numbers; the list is then cleared.
import { get, remove, send } from "./api.js";
import { t } from "./language.js";
import { notify, showBanner } from "./notice.js";

const FIRST_PAGE = 500;
const PAGE = 5000;
const MAX_ENTRIES = 100_000;
const POLL_INTERVAL = 1000;
const STREAM_TIMEOUT = 30_000; // the server sends a heartbeat every 15 seconds

export const entries = []; // brief, oldest first

const listeners = new Set();
let olderThan = null; // entries before this number are still to be loaded; null if there are none
let isLoading = false;
let isOffline = false;
let isStreaming = true; // until the server refuses another stream; then the feed polls
let clearings = 0;

// Calls `listener` with the number of new entries at the end. Returns a function that unsubscribes.
export function onEntries(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export async function follow() {
  for (;;) {
    try {
      await catchUp();
      markOnline();
      await (isStreaming ? stream() : pause());
    } catch (error) {
      if (error.status === undefined && error.name !== "TypeError") throw error; // an aborted stream is a TypeError
      if (error.status === 503) isStreaming = false;
      else markOffline();
      await pause();
    }
  }
}

function markOffline() {
  isOffline = true;
  showBanner(t("The server does not respond. Reconnecting…"));
}

function markOnline() {
  showBanner("");
  if (isOffline) dispatchEvent(new Event("reconnected"));
  isOffline = false;
}

async function catchUp() {
  const newest = entries.at(-1);
  const isOther = newest && (await isReplaced(newest));
  // Requested last: a page that waits for anything else could hold entries that are removed meanwhile.
  const { count, entries: found } = await page(FIRST_PAGE);
  if (newest && (count < newest.number || isOther)) restart();
  add(found);
  if (!newest || found.at(-1)?.number > newest.number + 1) olderThan = found.at(-1)?.number ?? null;
  loadOlder();
}

// Whether the journal has a different entry under the same number.
async function isReplaced(known) {
  const { entries: found } = await page(1, known.number + 1);
  return found.length > 0 && found[0].number === known.number && found[0].at !== known.at;
}

function restart() {
  entries.length = 0;
  olderThan = null;
  isOffline = true;
  notify(t("The server was restarted. The list was reloaded."));
  dispatchEvent(new Event("restarted"));
}

// Loads older pages until an entry is known or the journal ends. The next `catchUp` retries after an error.
async function loadOlder() {
  if (isLoading) return;
  isLoading = true;
  try {
    while (olderThan > 1 && entries.length < MAX_ENTRIES) {
      const { entries: found } = await page(PAGE, olderThan);
      const isNew = add(found) > 0;
      olderThan = isNew && found.length === PAGE ? found.at(-1).number : null;
    }
  } catch (error) {
    if (error.status === undefined) throw error;
  } finally {
    isLoading = false;
  }
}

async function stream() {
  const response = await send("/journal/stream", { headers: { accept: "text/event-stream" } });
  try {
    await catchUp();
  } catch (error) {
    response.body.cancel(); // an unread stream would occupy one of the browser's few connections
    throw error;
  }
  for await (const { event, data } of events(response.body, STREAM_TIMEOUT)) {
    if (event === "entry") add([brief(JSON.parse(data))]);
    else if (event === "gap") await catchUp();
  }
}

// A page that was requested before the journal was cleared may hold removed entries and is requested again.
async function page(limit, before) {
  const known = clearings;
  const found = await get("/journal", { form: "brief", limit, before });
  return known === clearings ? found : page(limit, before);
}

const pause = () => new Promise((resolve) => setTimeout(resolve, document.hidden ? 5 * POLL_INTERVAL : POLL_INTERVAL));

// Clears the journal on the server and in the feed, of one sandbox or of all.
export async function clearJournal(sandbox) {
  await remove("/journal", { sandbox });
  clearings += 1;
  const left = sandbox ? entries.filter((entry) => (entry.sandbox ?? "default") !== sandbox) : [];
  entries.length = 0;
  // One by one: 100,000 arguments of one `push` exceed the stack of some browsers.
  for (const entry of left) entries.push(entry);
  if (!left.length) olderThan = null;
  listeners.forEach((listener) => listener(0));
  // Entries that came after the removal and before its answer are gone from the list too.
  add((await page(FIRST_PAGE)).entries);
}

// Inserts entries by number. Returns how many were not known before.
function add(found) {
  const before = entries.length;
  const last = entries.at(-1)?.number ?? 0;
  // Pages overlap at most at the end of the list, so the whole list need not be searched.
  const known = new Set(entries.slice(-2 * found.length).map((entry) => entry.number));
  const first = entries[0]?.number ?? Infinity;
  const fresh = found.filter((entry) => entry.number < first || entry.number > last || !known.has(entry.number));
  if (!fresh.length) return 0;
  merge(fresh.sort((one, other) => one.number - other.number));
  const added = entries.length - before;
  // In steps of a fifth: each `splice` at the front moves the whole list.
  if (entries.length > 1.2 * MAX_ENTRIES) entries.splice(0, entries.length - MAX_ENTRIES);
  if (added) listeners.forEach((listener) => listener(fresh.filter((entry) => entry.number > last).length));
  return added;
}

function merge(fresh) {
  if (!entries.length || fresh[0].number > entries.at(-1).number) entries.push(...fresh);
  else if (fresh.at(-1).number < entries[0].number) entries.unshift(...fresh);
  else {
    const all = new Map([...entries, ...fresh].map((entry) => [entry.number, entry]));
    const ordered = [...all.values()].sort((one, other) => one.number - other.number);
    entries.length = 0;
    for (const entry of ordered) entries.push(entry);
  }
}

function brief({ number, at, milliseconds, request, operation, sandbox, answer, violations }) {
  const { method, path } = request;
  const { status, source } = answer;
  return { number, at, milliseconds, method, path, operation, sandbox, status, source, violations: violations.length };
}

// Server-sent events of a response body, until it ends or is silent for `timeout` milliseconds. The browser's own
// EventSource cannot send the token.
async function* events(body, timeout) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let incomplete = "";
  for (;;) {
    const timer = setTimeout(() => reader.cancel(), timeout);
    const { done, value } = await reader.read().finally(() => clearTimeout(timer));
    if (done) return;
    const blocks = (incomplete + value.replaceAll("\r\n", "\n")).split("\n\n");
    incomplete = blocks.pop();
    for (const block of blocks) yield parseEvent(block);
  }
}

function parseEvent(block) {
  const parsed = { event: "message", data: "" };
  for (const line of block.split("\n")) {
    const at = line.indexOf(":");
    const name = line.slice(0, at);
    const value = line.slice(at + 1).replace(/^ /, "");
    if (name === "event") parsed.event = value;
    else if (name === "data") parsed.data += (parsed.data && "\n") + value;
  }
  return parsed;
}

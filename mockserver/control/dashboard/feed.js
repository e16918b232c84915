// The calls of the journal as they come: the newest first, older ones page by page, new ones by stream or by asking.
// A fake that was restarted is found out by its numbers, and the list begins anew.
import { get, offers, remove, send } from "./api.js";
import { warn, tell } from "./notice.js";
import { events } from "./stream.js";
import { t } from "./words.js";

const FIRST = 500;
const PAGE = 5000;
const MOST = 100_000;
const PAUSE = 1000;
const SILENCE = 30_000; // the fake is heard every 15 seconds

export const entries = []; // brief, oldest first

const listeners = new Set();
let unread = null; // the number before which there is more to be read
let isReading = false;
let isLost = false;
let isStreaming = true; // until the fake refuses: so many may follow at a time, and the others ask

// Calls `listener` with how many entries are new at the end; the answer stops that.
export function onEntries(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export async function follow() {
  for (;;) {
    try {
      await catchUp();
      regain();
      await (isStreaming && (await offers("/journal/stream")) ? stream() : pause());
    } catch (error) {
      if (error.status === undefined && error.name !== "TypeError") throw error; // a dropped stream is a TypeError
      if (error.status === 503) isStreaming = false;
      else lose();
      await pause();
    }
  }
}

function lose() {
  isLost = true;
  warn(t("The fake does not answer. This page goes on as soon as it does."));
}

function regain() {
  warn("");
  if (isLost) dispatchEvent(new Event("back"));
  isLost = false;
}

async function catchUp() {
  const newest = entries.at(-1);
  const { count, entries: found } = await page(FIRST);
  if (newest && (count < newest.number || (await isAnother(newest)))) restart();
  add(found);
  if (!newest || found.at(-1)?.number > newest.number + 1) unread = found.at(-1)?.number ?? null;
  older();
}

// Is the entry of that number another one than ours?
async function isAnother(known) {
  const { entries: found } = await page(1, known.number + 1);
  return found.length > 0 && found[0].number === known.number && found[0].at !== known.at;
}

function restart() {
  entries.length = 0;
  unread = null;
  isLost = true;
  tell(t("The fake was restarted: the list begins anew."));
  dispatchEvent(new Event("restarted"));
}

// Page by page, until it is known or forgotten. What could not be read is tried again with the next catching up.
async function older() {
  if (isReading) return;
  isReading = true;
  try {
    while (unread > 1 && entries.length < MOST) {
      const { entries: found } = await page(PAGE, unread);
      const isNew = add(found) > 0;
      unread = isNew && found.length === PAGE ? found.at(-1).number : null;
    }
  } catch (error) {
    if (error.status === undefined) throw error;
  } finally {
    isReading = false;
  }
}

async function stream() {
  const answer = await send("/journal/stream", { headers: { accept: "text/event-stream" } });
  try {
    await catchUp();
  } catch (error) {
    answer.body.cancel(); // a browser has few connections, and one that nobody reads stays open
    throw error;
  }
  for await (const { event, data } of events(answer.body, SILENCE)) {
    if (event === "entry") add([brief(JSON.parse(data))]);
    else if (event === "gap") await catchUp();
  }
}

const page = (limit, before) => get("/journal", { form: "brief", limit, before });
const pause = () => new Promise((resolve) => setTimeout(resolve, document.hidden ? 5 * PAUSE : PAUSE));

// Of a sandbox, or of all; the fake forgets them too.
export async function forget(sandbox) {
  await remove("/journal", { sandbox });
  const left = sandbox ? entries.filter((entry) => (entry.sandbox ?? "default") !== sandbox) : [];
  entries.length = 0;
  for (const entry of left) entries.push(entry);
  if (!left.length) unread = null;
  listeners.forEach((listener) => listener(0));
}

// Puts entries into their places; the answer is how many were not known.
function add(found) {
  const before = entries.length;
  const last = entries.at(-1)?.number ?? 0;
  const known = new Set(entries.slice(-2 * found.length).map((entry) => entry.number));
  const first = entries[0]?.number ?? Infinity;
  const fresh = found.filter((entry) => entry.number < first || entry.number > last || !known.has(entry.number));
  if (!fresh.length) return 0;
  merge(fresh.sort((one, other) => one.number - other.number));
  const added = entries.length - before;
  if (entries.length > 1.2 * MOST) entries.splice(0, entries.length - MOST);
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

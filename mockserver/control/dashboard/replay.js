// Replay of a request: unchanged or with another path and body, and with a key of the same user.
import { get, post } from "./api.js";
import { openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { field } from "./form.js";
import { t } from "./language.js";
import { notify, showError } from "./notice.js";
import { headersToSend, target } from "./reproductions.js";
import { encoded, hasText } from "./request_body.js";

const TIMEOUT = 30_000;
const keys = new Map(); // by sandbox and key reference; the journal masks the key that was sent

export function replay(entry) {
  const { request } = entry;
  const path = h("input", { class: "code", value: target(request) });
  const body = h("textarea", { class: "code", rows: 10, value: hasText(request) ? pretty(request.body) : "" });
  const form = h(
    "form",
    {},
    h(
      "p",
      { class: "hint" },
      t("The journal masks secrets. The replay uses another key of the same user and sends other masked values as ***."),
    ),
    field(t("Path ({method})", { method: request.method }), path).element,
    request.method !== "GET" && field(t("Body"), body).element,
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", onclick: () => close() }, t("Cancel")),
      h("button", { class: "main" }, t("Send")),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    close();
    send(entry, path.value, body.value).catch(showError);
  });
  const close = openDialog(t("Replay"), form);
}

const pretty = (body) => (typeof body === "string" ? body : JSON.stringify(body, null, 2));

async function send(entry, path, body) {
  const { method } = entry.request;
  const headers = Object.fromEntries(headersToSend(entry.request));
  const key = await similarKey(entry);
  if (key) headers["x-api-key"] = key;
  // With `explain`, the response links its journal entry.
  headers.prefer = headers.prefer ? `${headers.prefer}, explain` : "explain";
  const sent = body !== "" && method !== "GET" ? encoded(entry.request, body) : undefined;
  try {
    const url = new URL(path, location.origin);
    // The path is typed by a person; the headers contain a key.
    if (url.origin !== location.origin) return notify(t("A replay can only be sent to this server."));
    const response = await fetch(url, {
      method,
      headers,
      body: sent,
      signal: AbortSignal.timeout(TIMEOUT),
    });
    const link = /_mock\/journal\/(\d+)/.exec(response.headers.get("link") ?? "");
    notify(t("Response status: {status}.", { status: response.status }));
    if (link) location.hash = `#/traffic/${link[1]}`;
  } catch (error) {
    notify(t("No response: {reason}", { reason: error.message }));
  }
}

// A key of the same user and scope; null if the request had no valid key.
async function similarKey({ sandbox, caller }) {
  if (!caller) return null;
  const name = `${sandbox} ${caller}`;
  if (!keys.has(name)) keys.set(name, await createKey(sandbox, caller));
  return keys.get(name);
}

async function createKey(sandbox, reference) {
  const {
    records: [known],
  } = await get("/state/api_keys", { sandbox, where: `reference:${reference}` });
  if (!known) return null;
  const {
    records: [user],
  } = await get("/state/users", { sandbox, where: `id:${known.user}` });
  const { global: scopes, workspaces } = known.scope;
  const description = t("Created in the dashboard");
  const wanted = { user: user.email, scopes, workspaces, expires_at: known.expires_at, description };
  return (await post("/keys", wanted, { sandbox })).key;
}

// Sends a call once more, as it was or with another body, with a key like the one that it came with.
import { get, post } from "./api.js";
import { ownHeaders, target } from "./copies.js";
import { openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { field } from "./form.js";
import { tell, tellProblem } from "./notice.js";
import { t } from "./words.js";

const PATIENCE = 20_000;
const keys = new Map(); // by sandbox and reference: the journal masks the key that was sent

export function replay(entry) {
  const { request } = entry;
  const path = h("input", { class: "code", value: target(request) });
  const body = h("textarea", { class: "code", rows: 10, value: request.body === null ? "" : pretty(request.body) });
  const form = h(
    "form",
    {},
    h(
      "p",
      { class: "hint" },
      t("Secrets are masked: it is sent with a key of the same user. Masked values are sent as ***."),
    ),
    field(t("{method} of the path", { method: request.method }), path).element,
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
    again(entry, path.value, body.value).catch(tellProblem);
  });
  const close = openDialog(t("Replay"), form);
}

const pretty = (body) => (typeof body === "string" ? body : JSON.stringify(body, null, 2));

async function again(entry, path, body) {
  const { method } = entry.request;
  const headers = Object.fromEntries(ownHeaders(entry.request));
  const key = await keyLike(entry);
  if (key) headers["x-api-key"] = key;
  headers.prefer = headers.prefer ? `${headers.prefer}, explain` : "explain"; // its answer names its entry
  const hasBody = body !== "" && method !== "GET";
  try {
    const url = new URL(path, location.origin);
    if (url.origin !== location.origin) return tell(t("A replay goes to this fake only."));
    const answer = await fetch(url, {
      method,
      headers,
      body: hasBody ? body : undefined,
      signal: AbortSignal.timeout(PATIENCE),
    });
    const told = /_mock\/journal\/(\d+)/.exec(answer.headers.get("link") ?? "");
    tell(t("Answered with {status}.", { status: answer.status }));
    if (told) location.hash = `#/traffic/${told[1]}`;
  } catch (error) {
    tell(t("There was no answer: {why}", { why: error.message }));
  }
}

// A key of the same user and scope; none if the call came with none that is known.
async function keyLike({ sandbox, caller }) {
  if (!caller) return null;
  const name = `${sandbox} ${caller}`;
  if (!keys.has(name)) keys.set(name, await made(sandbox, caller));
  return keys.get(name);
}

async function made(sandbox, reference) {
  const {
    records: [known],
  } = await get("/state/api_keys", { sandbox, where: `reference:${reference}` });
  if (!known) return null;
  const {
    records: [user],
  } = await get("/state/users", { sandbox, where: `id:${known.user}` });
  const { global: scopes, workspaces } = known.scope;
  const wanted = { user: user.email, scopes, workspaces, expires_at: known.expires_at, description: t("For replays") };
  return (await post("/keys", wanted, { sandbox })).key;
}

// Details of one journal entry: stages, violations, headers, bodies, and buttons to replay or copy the request.
import { get } from "./api.js";
import { copy } from "./dialog.js";
import { h } from "./dom.js";
import { button } from "./form.js";
import { bytes, dateTime, duration, json, statusClass } from "./format.js";
import { t } from "./language.js";
import { notify, showError } from "./notice.js";
import { replay } from "./replay.js";
import { asCurl, asPytest } from "./reproductions.js";
import { stages } from "./stages.js";
import { row, table } from "./table.js";

export function showEntry(entry) {
  const { request, answer } = entry;
  const query = request.query ? `?${request.query}` : "";
  return [
    h(
      "h2",
      {},
      h("span", { class: `badge ${statusClass(answer.status)}` }, answer.status || t("none")),
      " ",
      request.method,
      " ",
      h("span", { class: "path" }, request.path + query),
    ),
    h("p", { class: "facts" }, facts(entry)),
    stages(entry),
    violations(entry),
    entry.notes.length > 0 &&
      h(
        "ul",
        { class: "notes" },
        entry.notes.map((note) => h("li", {}, note)),
      ),
    actions(entry),
    part(t("Response"), answer.body, answer.size, 0),
    // A body that the server has not read has size 0; its head says how long it was.
    part(t("Request"), request.body, request.size, Number(request.headers["content-length"] ?? 0)),
    headers(request.headers),
  ];
}

function facts({ number, operation, sandbox, caller, workspace, at, milliseconds, answer, process }) {
  const who = caller ? t("key {caller}", { caller }) : t("no valid key");
  const parts = [
    `#${number}`,
    operation ?? t("no operation"),
    answer.source,
    duration(milliseconds),
    dateTime(at),
    who,
    workspace,
    sandbox && t("sandbox {sandbox}", { sandbox }),
    process && t("process {process}", { process }),
  ];
  return parts.filter(Boolean).join(" · ");
}

function violations({ violations }) {
  if (!violations.length) return null;
  const heads = [t("Where"), t("Received"), t("Documented")];
  const line = ({ where, received, documented }) =>
    row(heads, [where, h("span", { class: "received" }, received), h("span", { class: "documented" }, documented)]);
  return [
    h("h3", {}, t("Contract violations")),
    table(t("Contract violations"), heads, violations.map(line), { class: "violations" }),
  ];
}

function actions(entry) {
  const copyAs = (format, text) => async () => {
    if (await copy(text)) notify(t("Copied as {format}.", { format }));
  };
  const har = () =>
    get(`/journal/${entry.number}`, { form: "har" }).then((archive) => copyAs("HAR", json(archive))(), showError);
  return h(
    "div",
    { class: "buttons" },
    button(t("Replay…"), () => replay(entry), { class: "main" }),
    entry.operation &&
      h(
        "a",
        { class: "button", href: `#/control/${encodeURIComponent(entry.operation)}` },
        t("Add a fault for this operation"),
      ),
    button(t("Copy as curl"), copyAs("curl", asCurl(entry))),
    button(t("Copy as pytest"), copyAs("pytest", asPytest(entry))),
    button(t("Copy as HAR"), har),
  );
}

// `announced` is the content-length of the request.
function part(title, body, size, announced) {
  const hint = body !== null ? bytes(size) : describeMissing(size, announced);
  return h(
    "details",
    { open: body !== null },
    h("summary", {}, title, " ", h("span", { class: "hint" }, hint)),
    body !== null &&
      h("pre", { tabindex: 0, role: "region", "aria-label": title }, typeof body === "string" ? body : json(body)),
  );
}

function describeMissing(size, announced) {
  if (size) return t("{size}, not stored: too large, or not text", { size: bytes(size) });
  return announced ? t("{size}, not read", { size: bytes(announced) }) : t("empty");
}

function headers(pairs) {
  return h(
    "details",
    {},
    h("summary", {}, t("Headers")),
    h(
      "dl",
      { class: "pairs" },
      Object.entries(pairs).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
    ),
  );
}

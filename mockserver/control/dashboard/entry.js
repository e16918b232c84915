// One call: its stages, what broke the contract, headers and bodies, and what can be made of it.
import { get } from "./api.js";
import { asCurl, asPytest } from "./copies.js";
import { copy } from "./dialog.js";
import { h } from "./dom.js";
import { button } from "./form.js";
import { bytes, dateTime, duration, json, kind } from "./format.js";
import { tell, tellProblem } from "./notice.js";
import { replay } from "./replay.js";
import { stations } from "./stations.js";
import { row, table } from "./table.js";
import { t } from "./words.js";

export function showEntry(entry) {
  const { request, answer } = entry;
  const query = request.query ? `?${request.query}` : "";
  return [
    h(
      "h2",
      {},
      h("span", { class: `badge ${kind(answer.status)}` }, answer.status || t("none")),
      " ",
      request.method,
      " ",
      h("span", { class: "path" }, request.path + query),
    ),
    h("p", { class: "facts" }, facts(entry)),
    stations(entry),
    violations(entry),
    entry.notes.length > 0 &&
      h(
        "ul",
        { class: "notes" },
        entry.notes.map((note) => h("li", {}, note)),
      ),
    actions(entry),
    part(t("Answer"), answer.body, answer.size, 0),
    part(t("Request"), request.body, request.size, Number(request.headers["content-length"] ?? 0)),
    headers(request.headers),
  ];
}

function facts({ number, operation, sandbox, caller, workspace, at, milliseconds, answer }) {
  const who = caller ? t("key {caller}", { caller }) : t("no known key");
  const told = [
    `#${number}`,
    operation ?? t("no operation"),
    answer.source,
    duration(milliseconds),
    dateTime(at),
    who,
    workspace,
    sandbox && t("sandbox {sandbox}", { sandbox }),
  ];
  return told.filter(Boolean).join(" · ");
}

function violations({ violations }) {
  if (!violations.length) return null;
  const heads = [t("Where"), t("Received"), t("Documented")];
  const line = ({ where, received, documented }) =>
    row(heads, [where, h("span", { class: "received" }, received), h("span", { class: "documented" }, documented)]);
  return [
    h("h3", {}, t("What broke the contract")),
    table(t("What broke the contract"), heads, violations.map(line), { class: "violations" }),
  ];
}

function actions(entry) {
  const copied = (what, text) => async () => {
    if (await copy(text)) tell(t("Copied as {what}.", { what }));
  };
  const har = () =>
    get(`/journal/${entry.number}`, { form: "har" }).then((archive) => copied("HAR", json(archive))(), tellProblem);
  return h(
    "div",
    { class: "buttons" },
    button(t("Replay…"), () => replay(entry), { class: "main" }),
    entry.operation &&
      h("a", { class: "button", href: `#/shape/${encodeURIComponent(entry.operation)}` }, t("Make the next one fail")),
    button(t("Copy as curl"), copied("curl", asCurl(entry))),
    button(t("Copy as pytest"), copied("pytest", asPytest(entry))),
    button(t("Copy as HAR"), har),
  );
}

// `sent` is what the client said that it would send.
function part(title, body, size, sent) {
  const told = body !== null ? bytes(size) : absent(size, sent);
  return h(
    "details",
    { open: body !== null },
    h("summary", {}, title, " ", h("span", { class: "hint" }, told)),
    body !== null &&
      h("pre", { tabindex: 0, role: "region", "aria-label": title }, typeof body === "string" ? body : json(body)),
  );
}

function absent(size, sent) {
  if (size) return t("{size}, too long to be kept", { size: bytes(size) });
  return sent ? t("{size}, not read", { size: bytes(sent) }) : t("empty");
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

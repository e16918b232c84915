// The stages of one request as a line: passed, failed, and not run.
import { h } from "./dom.js";
import { t } from "./language.js";

// The order of `mockserver/app.py`; a stage that was not reached is shown too.
const BEFORE = ["read head", "route", "authenticate", "read body", "validate", "fault", "choose"];
const AFTER = ["check", "send"];

export function stages(entry) {
  const recorded = new Map(entry.stages.map((stage) => [stage.stage, stage]));
  // One of several stages makes the response: `handle`, `generate`, …
  const responding = [...recorded.keys()].find((name) => ![...BEFORE, ...AFTER].includes(name)) ?? "handle";
  const failed = entry.stages.filter((stage) => isFailed(stage, entry)).map(({ stage }) => stage);
  return [
    h(
      "ol",
      { class: "stages", "aria-label": t("Request stages") },
      [...BEFORE, responding, ...AFTER].map((name) => item(name, recorded.get(name), failed.includes(name))),
    ),
    failed.length > 0 && h("p", { class: "reason" }, reason(failed[0], entry)),
  ];
}

// An injected fault replaces the response of the operation, so its stage is marked too.
function isFailed({ stage, failed }, { stages, answer }) {
  if (stage === "fault" && answer.source === "fault") return true;
  return failed;
}

function item(name, stage, hasFailed) {
  const state = !stage ? "unreached" : hasFailed ? "failed" : "passed";
  const label = { unreached: t("not run"), failed: t("failed"), passed: t("passed") }[state];
  return h(
    "li",
    { class: state },
    h("span", { class: "stage" }, name),
    h("span", { class: "result" }, stage?.result || label),
    stage && h("span", { class: "hidden" }, ` (${label})`),
  );
}

function reason(stage, entry) {
  if (stage === "fault") return t("This response comes from an injected fault.");
  if (stage === "authenticate") return t("The API key or the workspace was rejected.");
  if (stage === "validate") return t("The request violates the contract; see below.");
  if (stage === "route") return t("The contract has no such operation.");
  return entry.answer.source === "failed" ? t("Internal error; see the server log.") : "";
}

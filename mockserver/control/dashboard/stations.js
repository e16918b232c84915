// The stages of a call as a line of stations: passed, the one that ended it, and those never reached.
import { h } from "./dom.js";
import { t } from "./words.js";

const LINE = ["read head", "route", "authenticate", "read body", "validate", "fault", "choose", "act", "check"];

export function stations(entry) {
  const passed = new Map(entry.stages.map(({ stage, result }) => [stage, result]));
  const line = LINE.map((stage) => (stage === "act" && passed.has("produce") ? "produce" : stage));
  const last = entry.stages.at(-1)?.stage;
  const end = last === "check" ? null : last;
  return [
    h(
      "ol",
      { class: "stations", "aria-label": t("Stages of the call") },
      line.map((stage) => station(stage, passed.get(stage), stage === end)),
    ),
    end && h("p", { class: "ending" }, ending(end, entry)),
  ];
}

function station(stage, result, isEnd) {
  const isBroken = stage === "check" && result === "broken";
  const state = result === undefined ? "unreached" : isEnd || isBroken ? "ended" : "passed";
  const told = { unreached: t("not reached"), ended: t("ended here"), passed: t("passed") }[state];
  return h(
    "li",
    { class: state },
    h("span", { class: "stage" }, stage),
    h("span", { class: "result" }, result ?? told),
    state !== "unreached" && h("span", { class: "hidden" }, ` (${told})`),
  );
}

// Why an app got no answer that it could show.
function ending(stage, entry) {
  if (stage === "fault") return t("A fault was asked for: this answer is not what the operation would say.");
  if (stage === "authenticate") return t("The key or the workspace was refused.");
  if (stage === "validate") return t("The request broke the contract; see below.");
  if (stage === "route") return t("There is no such operation.");
  return entry.answer.source === "failed" ? t("The fake failed; its log tells more.") : "";
}

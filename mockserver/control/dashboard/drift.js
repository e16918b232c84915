// Drift of a server with an upstream: where its answers contradict the contract.
import { get } from "./api.js";
import { h, render } from "./dom.js";
import { number } from "./format.js";
import { t } from "./language.js";
import { row, table } from "./table.js";

const heads = () => [t("Severity"), t("Place"), t("Received"), t("Documented"), t("Answers")];

// Returns a function that shows the present drift at the place; without an upstream it shows nothing.
export function driftAt(place) {
  let shown = "";
  return async () => {
    const drift = await get("/drift");
    const key = JSON.stringify(drift);
    if (!drift.upstream || key === shown) return;
    shown = key;
    render(place, h("section", { class: "card" }, h("h2", {}, t("Drift")), ...parts(drift)));
  };
}

function parts({ upstream, mocked, used, rows }) {
  const summary = t("{upstream} answers all but {mocked} operations; {used} answers compared.", {
    upstream,
    mocked: number(mocked.length),
    used: number(used),
  });
  const lines = rows.map((one) =>
    row(heads(), [
      h("span", { class: `badge ${{ error: "server-error", warning: "client-error", note: "" }[one.severity]}` }, one.severity),
      [h("b", {}, one.place), h("p", { class: "hint" }, one.operations.join(", "))],
      one.received,
      one.documented,
      h("span", { class: "numbers" }, number(one.answers)),
    ]),
  );
  const none = h("p", {}, t("They follow the contract."));
  return [h("p", { class: "hint" }, summary), rows.length ? table(t("Drift"), heads(), lines, { class: "drift" }) : none];
}

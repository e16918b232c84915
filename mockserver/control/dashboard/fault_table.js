// The faults that are set, with how many calls each has met.
import { h } from "./dom.js";
import { wanted } from "./faults.js";
import { redraw } from "./focus.js";
import { button } from "./form.js";
import { tellProblem } from "./notice.js";
import { row, table } from "./table.js";
import { t } from "./words.js";

export function faultsCard(faults) {
  const title = t("What goes wrong now");
  const place = h("div", { "aria-label": title, role: "group" });
  faults.onChange((all) =>
    redraw(place, all.length ? list(faults, all) : h("p", { class: "hint" }, t("Nothing goes wrong on purpose."))),
  );
  return { parts: [h("h2", {}, title), place] };
}

function list(faults, all) {
  const heads = [t("Calls"), t("Fault"), t("Met"), ""];
  const end = ({ id }) =>
    button(t("End"), () => faults.end(id).catch(tellProblem), { "data-key": id, "aria-label": t("End {id}", { id }) });
  const line = (fault) =>
    row(heads, [
      (fault.operations ?? fault.tags ?? [t("all operations")]).join(", "),
      told(fault),
      t("{hits} of {seen} calls", fault),
      end(fault),
    ]);
  return [
    table(t("What goes wrong now"), heads, all.map(line)),
    h(
      "div",
      { class: "buttons" },
      button(t("End all"), () => faults.clear().catch(tellProblem)),
    ),
  ];
}

function told(fault) {
  const { operations, tags, ...rest } = wanted(fault);
  return Object.entries(rest)
    .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`)
    .join(", ");
}

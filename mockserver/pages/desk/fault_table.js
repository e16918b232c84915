// The faults that are set, with how many calls each has met.
import { h, show } from "./dom.js";
import { wanted } from "./faults.js";
import { button } from "./form.js";
import { tellProblem } from "./notice.js";
import { t } from "./words.js";

export function faultsCard(faults) {
  const place = h("div", {});
  faults.onChange((all) => {
    const focused = document.activeElement?.dataset?.fault;
    show(place, all.length ? table(faults, all) : h("p", { class: "hint" }, t("Nothing goes wrong on purpose.")));
    if (focused) [...place.querySelectorAll("[data-fault]")].find((one) => one.dataset.fault === focused)?.focus();
  });
  return { parts: [h("h2", {}, t("What goes wrong now")), place] };
}

function table(faults, all) {
  const end =
    (...ids) =>
    () =>
      faults.end(...ids).catch(tellProblem);
  const row = (fault) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, (fault.operations ?? fault.tags ?? [t("all operations")]).join(", ")),
      h("td", {}, told(fault)),
      h("td", {}, t("{hits} of {seen} calls", fault)),
      h(
        "td",
        {},
        button(t("End"), end(fault.id), { "data-fault": fault.id, "aria-label": t("End {id}", { id: fault.id }) }),
      ),
    );
  return [
    h(
      "div",
      { class: "scroll" },
      h(
        "table",
        {},
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            [t("Calls"), t("Fault"), t("Met"), ""].map((name) =>
              name ? h("th", { scope: "col" }, name) : h("td", {}),
            ),
          ),
        ),
        h("tbody", {}, all.map(row)),
      ),
    ),
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

// Cards of the Control tab on faults: the active ones, the scenarios, and one latency for all requests.
import { get } from "./api.js";
import { h, render } from "./dom.js";
import { definition, matching } from "./faults.js";
import { rerender } from "./focus.js";
import { button, field } from "./form.js";
import { number } from "./format.js";
import { t } from "./language.js";
import { notify, showError } from "./notice.js";
import { row, table } from "./table.js";

export function faultsCard(faults) {
  const title = t("Active faults");
  const place = h("div", { "aria-label": title, role: "group" });
  faults.onChange((all) =>
    rerender(place, all.length ? activeFaults(faults, all) : h("p", { class: "hint" }, t("No active faults."))),
  );
  return { parts: [h("h2", {}, title), place] };
}

function activeFaults(faults, all) {
  const heads = [t("Operation"), t("Fault"), t("Affected"), ""];
  const remove = ({ id }) =>
    button(t("Remove"), () => faults.remove(id).catch(showError), {
      "data-key": id,
      "aria-label": t("Remove {id}", { id }),
    });
  const line = (fault) =>
    row(heads, [
      (fault.operations ?? fault.tags ?? [t("all operations")]).join(", "),
      describeEffect(fault),
      t("{hits} of {seen} requests", fault),
      remove(fault),
    ]);
  return [
    table(t("Active faults"), heads, all.map(line)),
    h(
      "div",
      { class: "buttons" },
      button(t("Remove all"), () => faults.clear().catch(showError)),
    ),
  ];
}

function describeEffect(fault) {
  const { operations, tags, ...effect } = definition(fault);
  return Object.entries(effect)
    .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`)
    .join(", ");
}

// A scenario is running while all its faults are active.
export function scenariosCard(faults) {
  const place = h("ul", { class: "plain" });
  let known = [];

  function draw() {
    rerender(place, known.length ? known.map((one) => scenarioItem(faults, one)) : h("li", {}, t("No scenarios.")));
  }

  async function load() {
    known = await get("/scenarios");
    draw();
  }

  faults.onChange(draw);
  return { parts: [h("h2", {}, t("Scenarios")), place], load };
}

function scenarioItem(faults, { name, description, faults: definitions }) {
  const running = definitions.length > 0 && matching(faults.all, definitions);
  const start = () => faults.start(name).then(() => notify(t("Scenario {name} started.", { name })), showError);
  const stop = () => faults.remove(...running).then(() => notify(t("Scenario {name} stopped.", { name })), showError);
  return h(
    "li",
    { class: running ? "running" : "" },
    button(running ? t("Stop") : t("Start"), running ? stop : start, {
      "aria-label": `${running ? t("Stop") : t("Start")} ${name}`,
    }),
    h("div", {}, h("b", {}, name), h("p", { class: "hint" }, description)),
  );
}

export function latencyCard(faults) {
  const slider = h("input", { type: "range", min: 0, max: 5000, step: 50, value: 0 });
  const output = h("output", {});
  const showValue = () =>
    render(
      output,
      Number(slider.value) ? t("{time} ms for every request", { time: number(Number(slider.value)) }) : t("no delay"),
    );
  slider.addEventListener("input", showValue);
  slider.addEventListener("change", () => faults.setLatency(Number(slider.value)).catch(showError));
  faults.onChange(() => {
    // A slider that is being moved keeps its value.
    if (document.activeElement !== slider) slider.value = faults.latency?.delay ?? 0;
    showValue();
  });
  return { parts: [h("h2", {}, t("Latency")), field(t("Delay of every response"), slider).element, output] };
}

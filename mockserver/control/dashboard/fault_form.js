// Form of the Control tab that adds a fault. Errors of the control API are shown in the form.
import { h, render } from "./dom.js";
import { field, onSubmit, option, select } from "./form.js";
import { t } from "./language.js";
import { notify, showError } from "./notice.js";
import { byTag, contract } from "./operations.js";

const COMMON_STATUSES = ["500", "503", "429", "404", "403", "401", "400"];
const CONNECTIONS = ["reset", "timeout", "truncated", "malformed", "drip"];

export function faultForm(faults) {
  const operation = field(t("Operation"), select({}, option("", t("all operations"))));
  const effect = field(t("Effect"), select({}, ...effects([])));
  const times = field(t("Requests to affect"), number({ min: 1, value: 1 }), t("empty: all, until removed"));
  const after = field(t("Requests to skip first"), number({ min: 0 }));
  const probability = field(t("Probability, from 0 to 1"), number({ min: 0, max: 1, step: 0.05 }));
  const delay = field(t("Delay in milliseconds"), number({ min: 0, max: 60_000 }));
  const problem = h("p", { class: "error", role: "alert" });
  const form = h(
    "form",
    {},
    h("div", { class: "grid" }, operation.element, effect.element, times.element),
    h(
      "details",
      {},
      h("summary", {}, t("More options")),
      h("div", { class: "grid" }, after.element, probability.element, delay.element),
    ),
    problem,
    h("div", { class: "buttons" }, h("button", { class: "main" }, t("Add fault"))),
  );
  operation.control.addEventListener("input", () => showStatuses().catch(showError));
  onSubmit(form, send);

  async function send() {
    const fault = {};
    if (operation.control.value) fault.operations = [operation.control.value];
    const [kind, value] = effect.control.value.split(" ");
    if (kind === "status") fault.status = Number(value);
    if (kind === "connection") fault.connection = value;
    for (const [name, each] of Object.entries({ times, after, probability, delay })) {
      if (each.control.value !== "") fault[name] = Number(each.control.value);
    }
    try {
      await faults.add(fault);
      render(problem);
      notify(
        fault.operations
          ? t("Fault added for {operation}.", { operation: fault.operations[0] })
          : t("Fault added for all operations."),
      );
    } catch (error) {
      render(problem, error.message);
    }
  }

  // Lists the documented statuses of the operation first.
  async function showStatuses() {
    const found = (await contract()).find((one) => one.id === operation.control.value);
    const before = effect.control.value;
    render(effect.control, ...effects(found?.statuses ?? []));
    // Keeps the choice if the other operation has it.
    effect.control.value = before;
    if (!effect.control.value) effect.control.selectedIndex = 0;
  }

  async function load() {
    const tags = await byTag();
    const before = operation.control.value;
    render(
      operation.control,
      option("", t("all operations")),
      [...tags].map(([tag, operations]) =>
        h(
          "optgroup",
          { label: tag },
          operations.map((one) => option(one.id)),
        ),
      ),
    );
    await selectOperation(before);
  }

  async function selectOperation(id) {
    operation.control.value = id;
    if (!operation.control.value) operation.control.selectedIndex = 0;
    await showStatuses();
  }

  async function prepare(id) {
    await load();
    await selectOperation(id);
    form.querySelector("button.main").focus();
  }

  return { parts: [h("h2", {}, t("Add a fault")), form], load, prepare };
}

const number = (props) => h("input", { type: "number", ...props });

function effects(documented) {
  const known = documented.filter((status) => /^[45]\d\d$/.test(status));
  const others = COMMON_STATUSES.filter((status) => !known.includes(status));
  const statusOption = (status) => option(`status ${status}`, status);
  const failures = known.toSorted((one, other) => rank(one) - rank(other));
  return [
    failures.length > 0 && h("optgroup", { label: t("documented") }, failures.map(statusOption)),
    h("optgroup", { label: failures.length ? t("undocumented") : t("status") }, others.map(statusOption)),
    h(
      "optgroup",
      { label: t("connection") },
      CONNECTIONS.map((damage) => option(`connection ${damage}`, damage)),
    ),
    option("none", t("normal response (delay only)")),
  ].filter(Boolean);
}

const rank = (status) => (COMMON_STATUSES.includes(status) ? COMMON_STATUSES.indexOf(status) : COMMON_STATUSES.length);

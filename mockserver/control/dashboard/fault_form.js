// A fault for an operation, by a form. What the control API refuses stands beside it.
import { h, show } from "./dom.js";
import { field, onSubmit, option, select } from "./form.js";
import { tell, tellProblem } from "./notice.js";
import { byTag, contract } from "./operations.js";
import { t } from "./words.js";

const USUAL = ["500", "503", "429", "404", "403", "401", "400"];
const CONNECTIONS = ["reset", "timeout", "truncated", "malformed", "drip"];

export function faultForm(faults) {
  const operation = field(t("Operation"), select({}, option("", t("all operations"))));
  const effect = field(t("Answers with"), select({}, ...effects([])));
  const times = field(t("How many calls"), number({ min: 1, value: 1 }), t("empty: until it is ended"));
  const after = field(t("After so many good calls"), number({ min: 0 }));
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
      h("summary", {}, t("More")),
      h("div", { class: "grid" }, after.element, probability.element, delay.element),
    ),
    problem,
    h("div", { class: "buttons" }, h("button", { class: "main" }, t("Add the fault"))),
  );
  operation.control.addEventListener("input", () => learn().catch(tellProblem));
  onSubmit(form, send);

  async function send() {
    const asked = {};
    if (operation.control.value) asked.operations = [operation.control.value];
    const [kind, value] = effect.control.value.split(" ");
    if (kind === "status") asked.status = Number(value);
    if (kind === "connection") asked.connection = value;
    for (const [name, each] of Object.entries({ times, after, probability, delay })) {
      if (each.control.value !== "") asked[name] = Number(each.control.value);
    }
    try {
      await faults.add(asked);
      show(problem);
      tell(
        asked.operations
          ? t("The next {operation} meets it.", { operation: asked.operations[0] })
          : t("The next call meets it."),
      );
    } catch (error) {
      show(problem, error.message);
    }
  }

  // The documented statuses of the operation come first.
  async function learn() {
    const found = (await contract()).find((one) => one.id === operation.control.value);
    const before = effect.control.value;
    show(effect.control, ...effects(found?.statuses ?? []));
    effect.control.value = before;
    if (!effect.control.value) effect.control.selectedIndex = 0;
  }

  async function load() {
    const tags = await byTag();
    const before = operation.control.value;
    show(
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
    await pick(before);
  }

  async function pick(id) {
    operation.control.value = id;
    if (!operation.control.value) operation.control.selectedIndex = 0;
    await learn();
  }

  async function choose(id) {
    await load();
    await pick(id);
    form.querySelector("button.main").focus();
  }

  return { parts: [h("h2", {}, t("Let something go wrong")), form], load, choose };
}

const number = (props) => h("input", { type: "number", ...props });

function effects(documented) {
  const known = documented.filter((status) => /^[45]\d\d$/.test(status));
  const usual = USUAL.filter((status) => !known.includes(status));
  const told = (status) => option(`status ${status}`, status);
  const failures = known.toSorted((one, other) => rank(one) - rank(other));
  return [
    failures.length > 0 && h("optgroup", { label: t("documented") }, failures.map(told)),
    h("optgroup", { label: failures.length ? t("undocumented") : t("status") }, usual.map(told)),
    h(
      "optgroup",
      { label: t("connection") },
      CONNECTIONS.map((how) => option(`connection ${how}`, how)),
    ),
    option("none", t("its usual answer (delay only)")),
  ].filter(Boolean);
}

const rank = (status) => (USUAL.includes(status) ? USUAL.indexOf(status) : USUAL.length);

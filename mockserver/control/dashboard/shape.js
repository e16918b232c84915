// Shape: what happens next. Faults, scenarios, latency, the clock, and who the keys are.
import { clockCard } from "./clock.js";
import { h } from "./dom.js";
import { FaultList } from "./faults.js";
import { faultForm } from "./fault_form.js";
import { faultsCard } from "./fault_table.js";
import { onEntries } from "./feed.js";
import { keysCard } from "./keys.js";
import { latencyCard } from "./latency.js";
import { tellProblem } from "./notice.js";
import { scenariosCard } from "./scenarios.js";

export function open(place, rest) {
  const faults = new FaultList();
  const form = faultForm(faults);
  const cards = [form, faultsCard(faults), scenariosCard(faults), latencyCard(faults), clockCard(), keysCard()];
  place.append(
    h(
      "div",
      { class: "cards" },
      cards.map((card) => h("section", { class: "card" }, card.parts)),
    ),
  );
  const refresh = () => faults.refresh().catch(tellProblem);
  const again = () => cards.forEach((card) => card.load?.().catch(tellProblem));
  let waiting = null;
  const stop = onEntries(
    () =>
      (waiting ??= setTimeout(() => {
        waiting = null;
        refresh(); // calls count the faults that they meet
      }, 300)),
  );
  addEventListener("back", again);
  refresh();
  again();
  go(rest);

  function go([operation]) {
    if (operation) form.choose(operation).catch(tellProblem);
  }

  return {
    go,
    stop: () => {
      stop();
      clearTimeout(waiting);
      removeEventListener("back", again);
      cards.forEach((card) => card.stop?.());
    },
  };
}

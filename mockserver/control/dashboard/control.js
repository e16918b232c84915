// Control tab: faults, scenarios, latency, the clock and the API keys. `#/control/createItem` prepares a fault.
import { clockCard } from "./clock.js";
import { h } from "./dom.js";
import { faultsCard, latencyCard, scenariosCard } from "./fault_cards.js";
import { faultForm } from "./fault_form.js";
import { FaultList } from "./faults.js";
import { onEntries } from "./feed.js";
import { keysCard } from "./keys.js";
import { showError } from "./notice.js";

const COUNTER_DELAY = 300; // milliseconds

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
  const refresh = () => faults.refresh().catch(showError);
  const reload = () => cards.forEach((card) => card.load?.().catch(showError));
  let timer = null;
  const stop = onEntries(
    () =>
      (timer ??= setTimeout(() => {
        timer = null;
        refresh(); // each request may change the counters of the faults
      }, COUNTER_DELAY)),
  );
  addEventListener("reconnected", reload);
  refresh();
  reload();
  go(rest);

  function go([operation]) {
    if (operation) form.prepare(operation).catch(showError);
  }

  return {
    go,
    stop: () => {
      stop();
      clearTimeout(timer);
      removeEventListener("reconnected", reload);
      cards.forEach((card) => card.stop?.());
    },
  };
}

// One delay for all calls, by a slider.
import { h, show } from "./dom.js";
import { field } from "./form.js";
import { number } from "./format.js";
import { tellProblem } from "./notice.js";
import { t } from "./words.js";

export function latencyCard(faults) {
  const slider = h("input", { type: "range", min: 0, max: 5000, step: 50, value: 0 });
  const told = h("output", {});
  const tellValue = () =>
    show(
      told,
      Number(slider.value)
        ? t("{time} milliseconds for every call", { time: number(Number(slider.value)) })
        : t("no delay"),
    );
  slider.addEventListener("input", tellValue);
  slider.addEventListener("change", () => faults.setLatency(Number(slider.value)).catch(tellProblem));
  faults.onChange(() => {
    if (document.activeElement !== slider) slider.value = faults.latency?.delay ?? 0;
    tellValue();
  });
  return { parts: [h("h2", {}, t("Latency")), field(t("Delay of every answer"), slider).element, told] };
}

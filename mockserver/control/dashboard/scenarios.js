// Scenarios: named lists of faults. One runs while all its faults are set.
import { get } from "./api.js";
import { h } from "./dom.js";
import { matching } from "./faults.js";
import { redraw } from "./focus.js";
import { button } from "./form.js";
import { tell, tellProblem } from "./notice.js";
import { t } from "./words.js";

export function scenariosCard(faults) {
  const place = h("ul", { class: "plain" });
  let known = [];

  function draw() {
    redraw(place, known.length ? known.map((scenario) => line(faults, scenario)) : h("li", {}, t("There are none.")));
  }

  async function load() {
    known = await get("/scenarios");
    draw();
  }

  faults.onChange(draw);
  return { parts: [h("h2", {}, t("Scenarios")), place], load };
}

function line(faults, { name, description, faults: asked }) {
  const running = asked.length > 0 && matching(faults.all, asked);
  const start = () => faults.start(name).then(() => tell(t("{name} has begun.", { name })), tellProblem);
  const stop = () => faults.end(...running).then(() => tell(t("{name} has ended.", { name })), tellProblem);
  return h(
    "li",
    { class: running ? "running" : "" },
    button(running ? t("Stop") : t("Start"), running ? stop : start, {
      "aria-label": `${running ? t("Stop") : t("Start")} ${name}`,
    }),
    h("div", {}, h("b", {}, name), h("p", { class: "hint" }, description)),
  );
}

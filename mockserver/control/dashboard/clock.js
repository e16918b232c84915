// Card of the Control tab for the clock of the sandbox: freeze, resume, set, advance.
import { get, put } from "./api.js";
import { h, render } from "./dom.js";
import { button, field, onSubmit } from "./form.js";
import { dateTime } from "./format.js";
import { t } from "./language.js";
import { showError } from "./notice.js";
import { inSandbox } from "./store.js";

const STEPS = { "+1 min": 60, "+1 h": 3600, "+1 d": 86_400, "+30 d": 30 * 86_400, "−1 d": -86_400 };

export function clockCard() {
  const face = h("p", { class: "face" });
  const state = h("p", { class: "hint", role: "status" });
  const toggle = button("", () => change({ frozen: !clock.frozen }));
  const instant = field(
    t("Set to"),
    h("input", { type: "datetime-local", step: 1 }),
    t("in the time zone of this browser"),
  );
  let clock = { frozen: false };
  let ahead = 0; // milliseconds between this clock and the browser's

  const draw = () => render(face, dateTime(clock.frozen ? clock.now : Date.now() + ahead));

  function update(loaded) {
    clock = loaded;
    ahead = new Date(clock.now) - Date.now();
    render(state, clock.frozen ? t("Frozen") : t("Running"));
    render(toggle, clock.frozen ? t("Resume") : t("Freeze"));
    draw();
  }

  const change = (body) => put("/clock", body, inSandbox()).then(update, showError);
  const steps = Object.entries(STEPS).map(([name, seconds]) => button(name, () => change({ advance: seconds })));
  const form = h("form", {}, instant.element, h("button", {}, t("Set")));
  onSubmit(form, () => instant.control.value && change({ now: new Date(instant.control.value).toISOString() }));
  // Drawn from the difference to the local clock, so that a running clock needs no requests.
  const timer = setInterval(() => !clock.frozen && clock.now && draw(), 1000);
  return {
    parts: [
      h("h2", {}, t("Clock")),
      face,
      state,
      h(
        "div",
        { class: "buttons" },
        toggle,
        button(t("Real time"), () => change({ now: "real", frozen: false })),
        steps,
      ),
      form,
    ],
    load: async () => update(await get("/clock", inSandbox())),
    stop: () => clearInterval(timer),
  };
}

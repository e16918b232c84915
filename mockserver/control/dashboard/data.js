// Data: the records of the sandbox, one collection at a time. `#/data/items`, `#/data/items/4693` or
// `#/data/items/where/item_type:12`.
import { get } from "./api.js";
import { h, show } from "./dom.js";
import { focusOn, onEscape, redraw, reveal, walkable } from "./focus.js";
import { number } from "./format.js";
import { say, tellProblem } from "./notice.js";
import { openRecord } from "./record.js";
import { RecordTable } from "./record_table.js";
import { inSandbox } from "./store.js";
import { tools } from "./tools.js";
import { t } from "./words.js";

export function open(place, rest) {
  const menu = walkable(h("nav", { class: "collections", "aria-label": t("Collections") }));
  const table = new RecordTable();
  const list = h("div", { class: "list" }, table.element);
  const detail = h("section", { class: "detail", "aria-label": t("The opened record") });
  let known = [];
  let wanted = rest;

  // After any change: what is there now?
  async function load() {
    known = await get("/collections", inSandbox());
    table.reload();
    await go(wanted);
  }
  const again = () => load().catch(tellProblem);

  function go(parts) {
    wanted = parts;
    const collection = known.find((one) => one.name === parts[0]) ?? known.find((one) => one.count) ?? known[0];
    if (!collection) return;
    mark(collection.name);
    const isFilter = parts[1] === "where";
    table.open(collection, isFilter ? parts[2] : null);
    const id = isFilter ? undefined : parts[1];
    const wasInside = detail.contains(document.activeElement);
    place.classList.toggle("opened", id !== undefined);
    table.rows.choose(Number(id));
    if (id !== undefined) return openRecord(detail, collection, known, id, again).then(tellOpened).catch(tellProblem);
    show(detail, h("p", { class: "empty" }, t("Open a record to see what it is tied to, and to change it.")));
    if (wasInside) table.rows.focus();
  }

  // The list keeps the focus, unless there is no room for both.
  function tellOpened() {
    const heading = detail.querySelector("h2");
    if (!heading) return;
    say(heading.textContent);
    if (!list.checkVisibility() && !detail.contains(document.activeElement)) focusOn(heading);
  }

  function mark(name) {
    redraw(
      menu,
      known.map((one) =>
        h(
          "a",
          {
            "data-key": one.name,
            href: `#/data/${one.name}`,
            "aria-current": one.name === name ? "page" : null,
            tabindex: one.name === name ? 0 : -1, // from there by the arrow keys
          },
          one.name,
          " ",
          h("span", { class: "hint" }, number(one.count)),
        ),
      ),
    );
    reveal(menu, menu.querySelector("[aria-current]"));
  }

  onEscape(detail, () => (location.hash = `#/data/${table.collection.name}`));
  place.append(tools(again), h("div", { class: "data-grid" }, menu, list, detail));
  addEventListener("back", again);
  again();
  return {
    go,
    stop: () => {
      removeEventListener("back", again);
      table.stop();
    },
  };
}

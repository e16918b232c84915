// Data tab: records of the sandbox by collection. Addresses: `#/data/items`, `#/data/items/4693` and
// `#/data/items/where/item_type:12`.
import { get } from "./api.js";
import { h, render } from "./dom.js";
import { focusOn, navigableByArrows, onEscape, rerender, reveal } from "./focus.js";
import { number } from "./format.js";
import { t } from "./language.js";
import { announce, showError } from "./notice.js";
import { openRecord } from "./record.js";
import { RecordTable } from "./record_table.js";
import { inSandbox } from "./store.js";
import { createToolbar } from "./toolbar.js";

export function open(place, rest) {
  const menu = navigableByArrows(h("nav", { class: "collections", "aria-label": t("Collections") }));
  const table = new RecordTable();
  const list = h("div", { class: "list" }, table.element);
  const detail = h("section", { class: "detail", "aria-label": t("Record details") });
  let known = [];
  let address = rest;

  // Loads the collections again after a change of the records.
  async function load() {
    known = await get("/collections", inSandbox());
    if (!known.length) return render(place, h("p", { class: "empty" }, t("This contract has no records.")));
    table.reload();
    await go(address);
  }
  const reload = () => load().catch(showError);

  function go(parts) {
    address = parts;
    const named = (name) => known.find((one) => one.name === name);
    const filled = named("items")?.count ? named("items") : known.find((one) => one.count);
    const collection = named(parts[0]) ?? filled ?? known[0];
    if (!collection) return;
    mark(collection.name);
    const isFilter = parts[1] === "where";
    table.open(collection, isFilter ? parts[2] : null);
    const id = isFilter ? undefined : parts[1];
    const wasInside = detail.contains(document.activeElement);
    place.classList.toggle("opened", id !== undefined);
    table.rows.select(Number(id));
    if (id !== undefined) {
      return openRecord(detail, collection, known, id, reload).then(announceOpened).catch(showError);
    }
    render(detail, h("p", { class: "empty" }, t("Select a record to see its references and to edit it.")));
    if (wasInside) table.rows.focus();
  }

  // The list keeps the focus, unless a narrow page shows the details only.
  function announceOpened() {
    const heading = detail.querySelector("h2");
    if (!heading) return;
    announce(heading.textContent);
    if (!list.checkVisibility() && !detail.contains(document.activeElement)) focusOn(heading);
  }

  function mark(name) {
    rerender(
      menu,
      known.map((one) =>
        h(
          "a",
          {
            "data-key": one.name,
            href: `#/data/${one.name}`,
            "aria-current": one.name === name ? "page" : null,
            tabindex: one.name === name ? 0 : -1, // the arrow keys reach the others
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
  place.append(createToolbar(reload), h("div", { class: "data-grid" }, menu, list, detail));
  addEventListener("reconnected", reload);
  reload();
  return {
    go,
    stop: () => {
      removeEventListener("reconnected", reload);
      table.stop();
    },
  };
}

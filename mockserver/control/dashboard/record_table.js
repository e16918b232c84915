// Table of one collection: pages are fetched when they come into view.
import { get } from "./api.js";
import { h, render } from "./dom.js";
import { field } from "./form.js";
import { number, short } from "./format.js";
import { t } from "./language.js";
import { sortMembers } from "./members.js";
import { showError } from "./notice.js";
import { inSandbox } from "./store.js";
import { VirtualTable } from "./virtual_table.js";

const PAGE = 200;
const LOADING_DELAY = 300; // milliseconds before a slow search says so
const TYPING_DELAY = 200;

export class RecordTable {
  constructor() {
    this.pages = new Map();
    this.sort = "id:ASC";
    this.search = h("input", { type: "search", oninput: () => this.searched() });
    this.count = h("p", { class: "count", role: "status" });
    this.bar = h("div", { class: "bar" });
    this.rows = new VirtualTable({
      label: t("Records"),
      columns: [],
      key: (index) => this.record(index)?.id ?? `row ${index}`,
      cells: (index) => this.cells(index),
    });
    this.element = h(
      "div",
      { class: "record-table" },
      h("div", { class: "bar" }, field(t("Search in all values"), this.search).element, this.bar),
      this.count,
      this.rows.element,
    );
  }

  open(collection, where) {
    if (collection.name === this.collection?.name && where === this.where) return;
    const isChanged = collection.name !== this.collection?.name;
    Object.assign(this, { collection, where });
    if (isChanged) {
      this.sort = "id:ASC";
      this.search.value = "";
      this.columns = sortMembers(collection.members).map((member) => member.name);
    }
    render(
      this.bar,
      where &&
        h("a", { class: "button", href: `#/data/${collection.name}` }, t("Filter {where}: show all", { where })),
      h("a", { class: "button", href: `#/data/${collection.name}/new` }, t("Add a record")),
    );
    this.updateHeading();
    this.rows.element.scrollTop = 0;
    this.reload();
  }

  updateHeading() {
    const [member, direction] = this.sort.split(":");
    this.rows.columns = this.columns.map((name) => ({
      content: h(
        "button",
        { type: "button", class: "sort", onclick: () => this.sortBy(name) },
        name,
        name === member && h("span", { "aria-hidden": "true" }, direction === "ASC" ? " ▲" : " ▼"),
      ),
      props: { "aria-sort": name === member ? (direction === "ASC" ? "ascending" : "descending") : null },
    }));
    this.rows.setHeading(this.rows.columns);
    this.rows.element.style.setProperty("--columns", `80px repeat(${this.columns.length - 1}, minmax(180px, 1fr))`);
  }

  sortBy(name) {
    this.sort = this.sort === `${name}:ASC` ? `${name}:DESC` : `${name}:ASC`;
    this.updateHeading();
    // The button that was pressed has been replaced.
    [...this.rows.heading.querySelectorAll("button")][this.columns.indexOf(name)].focus();
    this.reload();
  }

  searched() {
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.reload(), TYPING_DELAY);
  }

  reload() {
    if (!this.collection) return;
    this.pages = new Map();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => render(this.count, t("Loading…")), LOADING_DELAY);
    this.fetch(0).then(() => this.rows.rerender());
  }

  // Fetches one page. A response to a request from before the last reload is ignored.
  async fetch(page) {
    const { pages } = this;
    // Marks the page as requested: `cells` asks for it once per row.
    pages.set(page, null);
    try {
      const query = { limit: PAGE, start: page * PAGE, sort: this.sort, q: this.search.value, where: this.where };
      const response = await get(`/state/${this.collection.name}`, inSandbox(query));
      if (pages !== this.pages) return;
      clearTimeout(this.waiting);
      pages.set(page, response);
      render(this.count, t("{total} records", { total: number(response.total) }));
      this.rows.update(response.total);
      if (page > 0) this.rows.rerender();
    } catch (error) {
      pages.delete(page);
      clearTimeout(this.waiting);
      showError(error);
    }
  }

  record(index) {
    return this.pages.get(Math.floor(index / PAGE))?.records[index % PAGE];
  }

  cells(index) {
    const page = Math.floor(index / PAGE);
    if (!this.pages.has(page)) this.fetch(page);
    const record = this.record(index);
    if (!record) return this.columns.map(() => "…");
    const { names } = this.pages.get(page);
    return this.columns.map((name) =>
      name === "id"
        ? h("a", { class: "opens", href: `#/data/${this.collection.name}/${record.id}` }, record.id)
        : this.cell(name, record[name], names[name]),
    );
  }

  cell(name, value, names) {
    const relation = this.collection.relations.find((one) => one.member === name && !one.list);
    if (!relation || value === null) return short(value);
    return h("a", { href: `#/data/${relation.target}/${value}` }, names?.[value] ?? value);
  }

  stop() {
    clearTimeout(this.typing);
    clearTimeout(this.waiting);
    this.rows.stop();
  }
}

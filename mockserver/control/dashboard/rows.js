// A table of any length, of which only the rows in sight exist. Arrow keys, Page Up and Down, Home and End move.
import { h, show } from "./dom.js";

const BEYOND = 8; // rows made outside of what is seen
const HEIGHT = matchMedia("(pointer: coarse)").matches ? 44 : 32;

export class Rows {
  // `key(index)` tells a row from all others, `cells(index)` its content; the first cell holds its link or button.
  constructor({ label, columns, height = HEIGHT, key, cells, onReach = () => {} }) {
    Object.assign(this, {
      height,
      key,
      cells,
      onReach,
      count: 0,
      made: new Map(),
      current: null,
      chosen: null,
      columns,
    });
    this.heading = h("div", { role: "row", class: "row heading", "aria-rowindex": 1 });
    this.body = h("div", { role: "rowgroup", class: "rows-body" });
    this.table = h(
      "div",
      { role: "table", "aria-label": label, class: "rows-table" },
      h("div", { role: "rowgroup", class: "rows-head" }, this.heading),
      this.body,
    );
    this.element = h("div", { class: "rows", onkeydown: (event) => this.move(event) }, this.table);
    this.element.style.setProperty("--height", `${height}px`);
    this.element.addEventListener("scroll", () => this.draw(), { passive: true });
    this.element.addEventListener("focusin", (event) => this.focused(event));
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(this.element);
    this.setHeading(columns);
  }

  setHeading(columns) {
    show(
      this.heading,
      columns.map((column) => h("div", { role: "columnheader", ...column.props }, column.content)),
    );
  }

  // There are `count` rows now, `above` of them new before the one on top: what is being read stays in its place.
  update(count, above = 0) {
    this.count = count;
    this.table.setAttribute("aria-rowcount", count + 1);
    this.body.style.height = `${count * this.height}px`;
    if (above && this.element.scrollTop > 0) this.element.scrollTop += above * this.height;
    this.draw();
  }

  // Makes all rows anew, as their content has changed.
  renew() {
    const held = this.held();
    this.made.clear();
    show(this.body);
    this.draw();
    if (held === null) return;
    const row = this.made.get(held);
    if (row) row.querySelector("a, button")?.focus({ preventScroll: true });
    else this.focus();
  }

  draw() {
    const first = Math.max(Math.floor(this.element.scrollTop / this.height) - BEYOND, 0);
    const seen = Math.ceil(this.element.clientHeight / this.height);
    const last = Math.min(first + seen + 2 * BEYOND, this.count);
    const wanted = new Map();
    for (let index = first; index < last; index++) wanted.set(this.key(index), index);
    const held = this.held();
    for (const [key, row] of this.made) {
      if (wanted.has(key) || key === held) continue;
      row.remove();
      this.made.delete(key);
    }
    for (const [key, index] of wanted) this.place(key, index);
    this.rove(first);
    this.onReach(last);
  }

  // The row of that key is the one that is opened.
  choose(key) {
    this.chosen = key;
    for (const [one, row] of this.made) row.classList.toggle("chosen", one === key);
  }

  place(key, index) {
    let row = this.made.get(key);
    if (!row) {
      row = h(
        "div",
        { role: "row", class: "row" },
        this.cells(index).map((cell, at) => h("div", { role: "cell", class: this.columns[at]?.props?.class }, cell)),
      );
      row.dataset.key = key;
      row.classList.toggle("chosen", key === this.chosen);
      this.made.set(key, row);
      this.body.append(row);
    }
    row.dataset.index = index;
    row.classList.toggle("odd", index % 2 === 1);
    row.setAttribute("aria-rowindex", index + 2);
    row.style.transform = `translateY(${index * this.height}px)`;
  }

  // One row is reached by Tab, the others from there by the arrow keys.
  rove(first) {
    const known = this.made.has(this.current)
      ? this.current
      : this.count
        ? this.key(Math.min(first, this.count - 1))
        : null;
    for (const [key, row] of this.made) {
      row.querySelectorAll("a, button").forEach((one) => (one.tabIndex = key === known ? 0 : -1));
    }
  }

  held() {
    const row = document.activeElement?.closest(".row[data-key]");
    if (!row || !this.body.contains(row)) return null;
    return [...this.made].find(([, one]) => one === row)?.[0] ?? null;
  }

  focused(event) {
    const row = event.target.closest(".row[data-key]");
    if (row) this.current = [...this.made].find(([, one]) => one === row)?.[0] ?? null;
    this.rove(0);
  }

  move(event) {
    const row = event.target.closest(".row[data-key]");
    const page = Math.max(Math.floor(this.element.clientHeight / this.height) - 2, 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (!row || !(event.key in steps)) return;
    event.preventDefault();
    this.reach(Math.min(Math.max(Number(row.dataset.index) + steps[event.key], 0), this.count - 1));
  }

  reach(index) {
    const top = index * this.height;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + 2 * this.height > scrollTop + clientHeight)
      this.element.scrollTop = top + 2 * this.height - clientHeight;
    this.draw();
    this.made.get(this.key(index))?.querySelector("a, button")?.focus({ preventScroll: true });
  }

  // Where Tab would lead.
  focus() {
    this.draw();
    (this.body.querySelector('[tabindex="0"]') ?? this.heading.querySelector("button"))?.focus();
  }

  stop() {
    this.watch.disconnect();
  }
}

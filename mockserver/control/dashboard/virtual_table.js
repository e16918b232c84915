// Virtual table: renders only the rows in view. Arrow keys, Page Up and Down, Home and End move the focus.
import { h, render } from "./dom.js";

const OVERSCAN = 8; // rows rendered above and below the view
// A fixed height: the position of a row follows from its index. 44 pixels is the size of a touch target in WCAG 2.5.5.
const HEIGHT = matchMedia("(pointer: coarse)").matches ? 44 : 32;

export class VirtualTable {
  // `key(index)` identifies a row and `cells(index)` is its content. The first cell holds a link or button.
  constructor({ label, columns, key, cells }) {
    Object.assign(this, {
      key,
      cells,
      count: 0,
      rendered: new Map(),
      current: null,
      selected: null,
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
    this.element.style.setProperty("--height", `${HEIGHT}px`);
    this.element.addEventListener("scroll", () => this.draw(), { passive: true });
    this.element.addEventListener("focusin", (event) => this.rememberFocus(event));
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(this.element);
    this.setHeading(columns);
  }

  setHeading(columns) {
    render(
      this.heading,
      columns.map((column) => h("div", { role: "columnheader", ...column.props }, column.content)),
    );
  }

  // Sets the number of rows. `above` of them are new before the first one in view, which keeps its place.
  update(count, above = 0) {
    this.count = count;
    this.table.setAttribute("aria-rowcount", count + 1);
    this.body.style.height = `${count * HEIGHT}px`;
    if (above && this.element.scrollTop > 0) this.element.scrollTop += above * HEIGHT;
    this.draw();
  }

  // Renders all rows again after their content has changed.
  rerender() {
    const focused = this.focusedKey();
    this.rendered.clear();
    render(this.body);
    this.draw();
    if (focused === null) return;
    const row = this.rendered.get(focused);
    if (row) row.querySelector("a, button")?.focus({ preventScroll: true });
    else this.focus();
  }

  draw() {
    const first = Math.max(Math.floor(this.element.scrollTop / HEIGHT) - OVERSCAN, 0);
    const seen = Math.ceil(this.element.clientHeight / HEIGHT);
    const last = Math.min(first + seen + 2 * OVERSCAN, this.count);
    const wanted = new Map();
    for (let index = first; index < last; index++) wanted.set(this.key(index), index);
    const focused = this.focusedKey();
    for (const [key, row] of this.rendered) {
      // A focused row stays, even out of view: removing it would move the focus to the page.
      if (wanted.has(key) || key === focused) continue;
      row.remove();
      this.rendered.delete(key);
    }
    for (const [key, index] of wanted) this.place(key, index);
    this.updateTabindex(first);
  }

  // Marks the row whose details are open.
  select(key) {
    this.selected = key;
    for (const [one, row] of this.rendered) row.classList.toggle("selected", one === key);
  }

  place(key, index) {
    let row = this.rendered.get(key);
    if (!row) {
      row = h(
        "div",
        { role: "row", class: "row" },
        this.cells(index).map((cell, at) => h("div", { role: "cell", class: this.columns[at]?.props?.class }, cell)),
      );
      row.dataset.key = key;
      row.classList.toggle("selected", key === this.selected);
      this.rendered.set(key, row);
      this.body.append(row);
    }
    row.dataset.index = index;
    row.classList.toggle("odd", index % 2 === 1);
    row.setAttribute("aria-rowindex", index + 2);
    // Rows are placed and not ordered, so scrolling moves no elements.
    row.style.transform = `translateY(${index * HEIGHT}px)`;
  }

  // Roving tabindex: Tab reaches one row, the arrow keys reach the others.
  updateTabindex(first) {
    const reachable = this.rendered.has(this.current)
      ? this.current
      : this.count
        ? this.key(Math.min(first, this.count - 1))
        : null;
    for (const [key, row] of this.rendered) {
      row.querySelectorAll("a, button").forEach((one) => (one.tabIndex = key === reachable ? 0 : -1));
    }
  }

  focusedKey() {
    const row = document.activeElement?.closest(".row[data-key]");
    if (!row || !this.body.contains(row)) return null;
    return [...this.rendered].find(([, one]) => one === row)?.[0] ?? null;
  }

  rememberFocus(event) {
    const row = event.target.closest(".row[data-key]");
    if (row) this.current = [...this.rendered].find(([, one]) => one === row)?.[0] ?? null;
    this.updateTabindex(0);
  }

  move(event) {
    const row = event.target.closest(".row[data-key]");
    const page = Math.max(Math.floor(this.element.clientHeight / HEIGHT) - 2, 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (!row || !(event.key in steps)) return;
    event.preventDefault();
    this.focusRow(Math.min(Math.max(Number(row.dataset.index) + steps[event.key], 0), this.count - 1));
  }

  focusRow(index) {
    const top = index * HEIGHT;
    const { scrollTop, clientHeight } = this.element;
    // The heading covers one height at the top of the view.
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + 2 * HEIGHT > scrollTop + clientHeight)
      this.element.scrollTop = top + 2 * HEIGHT - clientHeight;
    this.draw();
    this.rendered.get(this.key(index))?.querySelector("a, button")?.focus({ preventScroll: true });
  }

  // Focuses the row that Tab would reach.
  focus() {
    this.draw();
    (this.body.querySelector('[tabindex="0"]') ?? this.heading.querySelector("button"))?.focus();
  }

  stop() {
    this.watch.disconnect();
  }
}

// Tables of a few rows, each of which becomes a card where the page is narrow. Their roles are told, as elements that
// are laid out anew lose them.
import { h } from "./dom.js";

// `heads` may be empty texts; the first cell of each row is what the row is called by.
export function table(name, heads, rows, props = {}) {
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": name },
    h(
      "table",
      { role: "table", "aria-label": name, ...props, class: `stack ${props.class ?? ""}` },
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, heads.map(head))),
      h("tbody", { role: "rowgroup" }, rows),
    ),
  );
}

export function row(heads, cells, props = {}) {
  const cell = (content, at) =>
    h(
      at === 0 ? "th" : "td",
      { role: at === 0 ? "rowheader" : "cell", scope: at === 0 ? "row" : null, "data-label": heads[at] || null },
      content,
    );
  return h("tr", { role: "row", ...props }, cells.map(cell));
}

const head = (name) =>
  name ? h("th", { role: "columnheader", scope: "col" }, name) : h("td", { role: "cell" });

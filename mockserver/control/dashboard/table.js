// Short tables, whose rows become cards on a narrow page. ARIA roles are explicit, because `display: block` removes the
// implicit ones.
import { h } from "./dom.js";

// `heads` can be empty texts. The first cell of each row is its heading.
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

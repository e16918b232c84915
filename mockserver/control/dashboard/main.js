// The page: its head, and the view that the address names (`#/data/items`).
import * as contract from "./contract.js";
import * as data from "./data.js";
import { show, h } from "./dom.js";
import { follow } from "./feed.js";
import { makeHead } from "./head.js";
import { say } from "./notice.js";
import * as shape from "./shape.js";
import { onChoice } from "./store.js";
import * as traffic from "./traffic.js";
import { t } from "./words.js";

const VIEWS = { traffic, data, shape, contract };
const main = document.getElementById("main");
const head = makeHead(Object.keys(VIEWS));

let current = { name: null, stop() {}, go: null };

function open() {
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/").map(decode);
  const known = Object.hasOwn(VIEWS, name) ? name : "traffic";
  head.mark(known);
  if (known === current.name && current.go) return current.go(rest);
  start(known, rest);
}

function start(name, rest) {
  current.stop();
  document.title = `${head.title(name)} · ${t("The desk of the fake")}`;
  if (current.name) say(head.title(name));
  const place = h("div", { class: `view ${name}` }, h("h1", {}, head.title(name)));
  show(main, place);
  current = { name, go: null, stop() {}, ...VIEWS[name].open(place, rest) };
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

addEventListener("hashchange", open);
onChoice(() => {
  current.name = null;
  open();
});
open();
follow();

// Entry point: shows the header, and the tab that the address names (`#/data/items`).
import * as contract from "./contract.js";
import * as control from "./control.js";
import * as data from "./data.js";
import { h, render } from "./dom.js";
import { follow } from "./feed.js";
import { createHeader } from "./header.js";
import { t } from "./language.js";
import { announce } from "./notice.js";
import { onSandboxChange } from "./store.js";
import * as traffic from "./traffic.js";

const VIEWS = { traffic, data, control, contract };
const main = document.getElementById("main");
const header = createHeader(Object.keys(VIEWS));

let current = { name: null, stop() {}, go: null };

function open() {
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/").map(decode);
  const known = Object.hasOwn(VIEWS, name) ? name : "traffic";
  header.markCurrent(known);
  // The same tab with another entry keeps its list, its scroll position and its filters.
  if (known === current.name && current.go) return current.go(rest);
  switchTo(known, rest);
}

function switchTo(name, rest) {
  current.stop();
  document.title = `${header.title(name)} · ${t("Enspace mock server")}`;
  if (current.name) announce(header.title(name));
  const place = h("div", { class: `view ${name}` }, h("h1", {}, header.title(name)));
  render(main, place);
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
// Every tab shows data of the sandbox, so the current one is opened again.
onSandboxChange(() => {
  current.name = null;
  open();
});
open();
follow();

// The head of the page: the way to the views, which sandbox, which language, light or dark.
import { get } from "./api.js";
import { h, show } from "./dom.js";
import { walkable } from "./focus.js";
import { tell } from "./notice.js";
import { choose, keepWish, present, wish } from "./store.js";
import { LANGUAGES, language, t } from "./words.js";

const THEMES = ["auto", "light", "dark"];

export function makeHead(views) {
  const titles = { traffic: t("Traffic"), data: t("Data"), shape: t("Shape"), contract: t("Contract") };
  const links = views.map((name) => h("a", { href: `#/${name}` }, titles[name]));
  setTheme(wish("theme") ?? "auto");
  document.documentElement.lang = language;
  show(
    document.getElementById("head"),
    h("a", { class: "skip", href: "#main", onclick: skip }, t("To the content")),
    h(
      "span",
      { class: "brand" },
      h("img", { src: "/_mock/dashboard/icon.svg", alt: "" }),
      h("span", {}, t("The desk")),
    ),
    walkable(h("nav", { "aria-label": t("Views") }, links)),
    h("div", { class: "choices" }, sandboxes(), themes(), languages()),
  );
  return {
    title: (name) => titles[name],
    mark: (name) =>
      links.forEach((link, at) => {
        if (views[at] === name) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      }),
  };
}

function skip(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}

// Asks anew whenever the choice is reached, as sandboxes come and go.
function sandboxes() {
  const select = h("select", { "aria-label": t("Sandbox"), onchange: () => choose(select.value || null) });
  let listed = "";
  function list(names) {
    if (listed === names.join()) return; // one that is being chosen from stays as it is
    listed = names.join();
    const options = names.map((name) => option(name, name));
    show(select, option("", t("all sandboxes")), options);
    select.value = present.sandbox ?? "";
  }
  async function refresh() {
    const names = (await get("/sandboxes")).map((sandbox) => sandbox.name);
    if (present.sandbox && !names.includes(present.sandbox)) gone();
    list(names);
  }
  function gone() {
    choose(null);
    select.value = "";
    tell(t("The sandbox is gone: this is the default one."));
  }
  const again = () => refresh().catch(() => {});
  list([...new Set(["default", present.sandbox ?? "default"])]);
  for (const event of ["focus", "pointerenter"]) select.addEventListener(event, again);
  addEventListener("back", again);
  document.addEventListener("visibilitychange", again);
  addEventListener("sandbox-gone", gone);
  again();
  return select;
}

function themes() {
  const names = { auto: t("system"), light: t("light"), dark: t("dark") };
  const select = h(
    "select",
    { "aria-label": t("Colours"), onchange: () => setTheme(select.value) },
    THEMES.map((name) => option(name, names[name])),
  );
  select.value = wish("theme") ?? "auto";
  return select;
}

function setTheme(name) {
  keepWish("theme", name);
  document.documentElement.dataset.theme = name;
}

function languages() {
  const change = () => {
    keepWish("language", select.value);
    location.reload();
  };
  const select = h(
    "select",
    { "aria-label": t("Language"), onchange: change },
    Object.entries(LANGUAGES).map(([code, name]) => option(code, name)),
  );
  select.value = language;
  return select;
}

const option = (value, text) => h("option", { value }, text);

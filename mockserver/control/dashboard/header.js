// Header of the page: navigation between the tabs, and the choice of sandbox, theme and language.
import { get } from "./api.js";
import { h, render } from "./dom.js";
import { navigableByArrows } from "./focus.js";
import { option } from "./form.js";
import { language, LANGUAGES, t } from "./language.js";
import { notify } from "./notice.js";
import { saveSetting, selected, selectSandbox, setting } from "./store.js";

// A select with its name beside it.
const labelled = (name, select) => {
  select.id = `choice-${name}`;
  return h("span", { class: "choice" }, h("label", { for: select.id }, name), select);
};

const THEMES = ["auto", "light", "dark"];

export function createHeader(views) {
  const titles = { traffic: t("Traffic"), data: t("Data"), control: t("Control"), contract: t("Contract") };
  const links = views.map((name) => h("a", { href: `#/${name}` }, titles[name]));
  setTheme(setting("theme") ?? "auto");
  document.documentElement.lang = language;
  render(
    document.getElementById("header"),
    h("a", { class: "skip", href: "#main", onclick: skip }, t("Skip to content")),
    h(
      "span",
      { class: "brand" },
      h("img", { src: "/_mock/dashboard/icon.svg", alt: "" }),
      h("span", {}, t("Dashboard")),
    ),
    navigableByArrows(h("nav", { "aria-label": t("Views") }, links)),
    h("a", { class: "docs", href: "/docs" }, t("API docs")),
    h("div", { class: "choices" }, labelled(t("Sandbox"), sandboxes()), labelled(t("Theme"), themes()), labelled(t("Language"), languages())),
  );
  return {
    title: (name) => titles[name],
    markCurrent: (name) =>
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

// Sandboxes come and go, so the list is loaded again whenever the reader is about to use it.
function sandboxes() {
  const select = h("select", { onchange: () => selectSandbox(select.value || null) });
  let listed = "";
  function list(names) {
    if (listed === names.join()) return; // replacing the options would close an open list
    listed = names.join();
    const options = names.map((name) => option(name, name));
    render(select, option("", t("all sandboxes")), options);
    select.value = selected.sandbox ?? "";
  }
  async function refresh() {
    const names = (await get("/sandboxes")).map((sandbox) => sandbox.name);
    if (selected.sandbox && !names.includes(selected.sandbox)) handleRemoval();
    list(names);
  }
  function handleRemoval() {
    selectSandbox(null);
    select.value = "";
    notify(t("The sandbox no longer exists. Switched to the default sandbox."));
  }
  // Without a message: the banner says already that the server does not respond.
  const reload = () => refresh().catch(() => {});
  list([...new Set(["default", selected.sandbox ?? "default"])]);
  for (const event of ["focus", "pointerenter"]) select.addEventListener(event, reload);
  addEventListener("reconnected", reload);
  document.addEventListener("visibilitychange", reload);
  addEventListener("sandbox-removed", handleRemoval);
  reload();
  return select;
}

function themes() {
  const names = { auto: t("system"), light: t("light"), dark: t("dark") };
  const select = h(
    "select",
    { onchange: () => setTheme(select.value) },
    THEMES.map((name) => option(name, names[name])),
  );
  select.value = setting("theme") ?? "auto";
  return select;
}

function setTheme(name) {
  saveSetting("theme", name);
  document.documentElement.dataset.theme = name;
}

function languages() {
  const change = () => {
    saveSetting("language", select.value);
    location.reload();
  };
  const select = h(
    "select",
    { onchange: change },
    Object.entries(LANGUAGES).map(([code, name]) => option(code, name)),
  );
  select.value = language;
  return select;
}

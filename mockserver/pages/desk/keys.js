// Who the keys are: a key can be given to another user of the sandbox, and new ones can be made.
import { get, post, put } from "./api.js";
import { openDialog } from "./dialog.js";
import { h, show } from "./dom.js";
import { option, select } from "./form.js";
import { tell, tellProblem } from "./notice.js";
import { inSandbox } from "./store.js";
import { t } from "./words.js";

export function keysCard() {
  const place = h("div", {});

  async function load() {
    const [{ records: keys }, { records: users }] = await Promise.all([
      get("/state/api_keys", inSandbox({ limit: 1000 })),
      get("/state/users", inSandbox({ limit: 1000, sort: "email" })),
    ]);
    show(
      place,
      keys.length ? table(keys, users, load) : h("p", { class: "hint" }, t("There are none.")),
      users.length > 0 && newKey(users, load),
    );
  }

  return { parts: [h("h2", {}, t("Keys: who is who")), place], load };
}

function table(keys, users, load) {
  const row = (key) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, key.description, h("p", { class: "hint" }, key.reference)),
      h("td", {}, owner(key, users, load)),
      h("td", {}, key.scope.global.join(", ") || "–"),
      h("td", {}, key.scope.workspaces.join(", ")),
    );
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": t("Keys") },
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          [t("Key"), t("Who"), t("May"), t("Workspaces")].map((name) => h("th", { scope: "col" }, name)),
        ),
      ),
      h("tbody", {}, keys.map(row)),
    ),
  );
}

function owner(key, users, load) {
  const change = () =>
    put(`/state/api_keys/${key.id}`, { ...key, user: Number(choice.value) }, inSandbox())
      .then(() => tell(t("The key is {user} now.", { user: choice.selectedOptions[0].text })), tellProblem)
      .then(load);
  const choice = select(
    { value: key.user, "aria-label": t("Who {key} is", { key: key.description }), onchange: change },
    users.map((user) => option(user.id, user.email)),
  );
  return choice;
}

function newKey(users, load) {
  const who = select(
    { "aria-label": t("User of the new key") },
    users.map((user) => option(user.email)),
  );
  const make = async (event) => {
    event.preventDefault();
    try {
      const made = await post("/keys", { user: who.value, description: t("Made at the desk") }, inSandbox());
      const close = openDialog(
        t("The new key"),
        h("p", {}, t("It is shown only now.")),
        h("pre", { tabindex: 0, role: "region", "aria-label": t("The new key") }, made.key),
        h("div", { class: "buttons" }, h("button", { type: "button", onclick: () => close() }, t("Close"))),
      );
      await load();
    } catch (error) {
      tellProblem(error);
    }
  };
  return h("form", { class: "buttons", onsubmit: make }, who, h("button", {}, t("Make a new key")));
}

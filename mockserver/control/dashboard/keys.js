// Who the keys are: a key can be given to another user of the sandbox, and new ones can be made.
import { get, post, put } from "./api.js";
import { openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { redraw } from "./focus.js";
import { onSubmit, option, select } from "./form.js";
import { tell, tellProblem } from "./notice.js";
import { inSandbox } from "./store.js";
import { row, table } from "./table.js";
import { t } from "./words.js";

export function keysCard() {
  const place = h("div", {});

  async function load() {
    const [{ records: keys }, { records: users }] = await Promise.all([
      get("/state/api_keys", inSandbox({ limit: 1000 })),
      get("/state/users", inSandbox({ limit: 1000, sort: "email" })),
    ]);
    redraw(
      place,
      keys.length ? list(keys, users, load) : h("p", { class: "hint" }, t("There are none.")),
      users.length > 0 && newKey(users, load),
    );
  }

  return { parts: [h("h2", {}, t("Keys: who is who")), place], load };
}

function list(keys, users, load) {
  const heads = [t("Key"), t("Who"), t("May"), t("Workspaces")];
  const line = (key) =>
    row(heads, [
      [key.description, h("p", { class: "hint" }, key.reference)],
      owner(key, users, load),
      key.scope.global.join(", ") || "–",
      key.scope.workspaces.join(", "),
    ]);
  return table(t("Keys"), heads, keys.map(line));
}

function owner(key, users, load) {
  const change = () =>
    put(`/state/api_keys/${key.id}`, { ...key, user: Number(choice.value) }, inSandbox())
      .then(() => tell(t("The key is {user} now.", { user: choice.selectedOptions[0].text })), tellProblem)
      .then(load)
      .catch(tellProblem);
  const choice = select(
    { value: key.user, "data-key": key.id, "aria-label": t("Who {key} is", { key: key.description }), onchange: change },
    users.map((user) => option(user.id, user.email)),
  );
  return choice;
}

function newKey(users, load) {
  const who = select(
    { "aria-label": t("User of the new key") },
    users.map((user) => option(user.email)),
  );
  const make = async () => {
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
  const form = h("form", { class: "buttons" }, who, h("button", { "data-key": "new" }, t("Make a new key")));
  onSubmit(form, make);
  return form;
}

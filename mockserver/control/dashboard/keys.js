// Card of the Control tab for the API keys: assign a key to another user, create a key.
import { get, post, put } from "./api.js";
import { openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { rerender } from "./focus.js";
import { onSubmit, option, select } from "./form.js";
import { t } from "./language.js";
import { notify, showError } from "./notice.js";
import { inSandbox } from "./store.js";
import { row, table } from "./table.js";

export function keysCard() {
  const place = h("div", {});

  async function load() {
    const [{ records: keys }, { records: users }] = await Promise.all([
      get("/state/api_keys", inSandbox({ limit: 1000 })),
      get("/state/users", inSandbox({ limit: 1000, sort: "email" })),
    ]);
    rerender(
      place,
      keys.length ? list(keys, users, load) : h("p", { class: "hint" }, t("No API keys.")),
      users.length > 0 && newKeyForm(users, load),
    );
  }

  return { parts: [h("h2", {}, t("API keys")), place], load };
}

function list(keys, users, load) {
  const heads = [t("Key"), t("User"), t("Scopes"), t("Workspaces")];
  const line = (key) =>
    row(heads, [
      [key.description, h("p", { class: "hint" }, key.reference)],
      userSelect(key, users, load),
      key.scope.global.join(", ") || "–",
      key.scope.workspaces.join(", "),
    ]);
  return table(t("API keys"), heads, keys.map(line));
}

function userSelect(key, users, load) {
  const change = () =>
    put(`/state/api_keys/${key.id}`, { ...key, user: Number(choice.value) }, inSandbox())
      .then(() => notify(t("The key now belongs to {user}.", { user: choice.selectedOptions[0].text })), showError)
      .then(load)
      .catch(showError);
  const choice = select(
    {
      value: key.user,
      "data-key": key.id,
      "aria-label": t("User of {key}", { key: key.description }),
      onchange: change,
    },
    users.map((user) => option(user.id, user.email)),
  );
  return choice;
}

function newKeyForm(users, load) {
  const user = select(
    { "aria-label": t("User of the new key") },
    users.map((user) => option(user.email)),
  );
  const create = async () => {
    try {
      const wanted = { user: user.value, description: t("Created in the dashboard") };
      const created = await post("/keys", wanted, inSandbox());
      const close = openDialog(
        t("New key"),
        h("p", {}, t("The key is shown only once.")),
        h("pre", { tabindex: 0, role: "region", "aria-label": t("New key") }, created.key),
        h("div", { class: "buttons" }, h("button", { type: "button", onclick: () => close() }, t("Close"))),
      );
      await load();
    } catch (error) {
      showError(error);
    }
  };
  const form = h("form", { class: "buttons" }, user, h("button", { "data-key": "new" }, t("Create key")));
  onSubmit(form, create);
  return form;
}

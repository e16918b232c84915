// Card of the Control tab for the API keys: copy a key, assign it to another user, create a key.
import { get, post, put } from "./api.js";
import { copy, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { rerender } from "./focus.js";
import { button, field, onSubmit, option, select } from "./form.js";
import { t } from "./language.js";
import { notify, showError } from "./notice.js";
import { inSandbox } from "./store.js";
import { row, table } from "./table.js";

export function keysCard() {
  const place = h("div", {});

  async function load() {
    const [{ records: keys }, { records: users }, shown] = await Promise.all([
      get("/state/api_keys", inSandbox({ limit: 1000 })),
      get("/state/users", inSandbox({ limit: 1000, sort: "email" })),
      get("/keys", inSandbox()),
    ]);
    const secrets = new Map(shown.map((key) => [key.id, key]));
    rerender(
      place,
      keys.length ? list(keys, secrets, users, load) : h("p", { class: "hint" }, t("No API keys.")),
      users.length > 0 && newKeyForm(users, load),
    );
  }

  return { parts: [h("h2", {}, t("API keys")), place], load };
}

function list(keys, secrets, users, load) {
  const heads = [t("Key"), t("User and access")];
  const line = (key) =>
    row(heads, [
      [key.description, h("p", { class: "hint" }, key.reference), copyButton(key, secrets.get(key.id))],
      [userSelect(key, users, load), access(secrets.get(key.id))],
    ]);
  return table(t("API keys"), heads, keys.map(line));
}

// The server states what the scopes of the key and the role of its member allow together.
function access(secret) {
  return secret?.access.map(({ workspace, scopes, member }) =>
    h("p", {}, workspace, ": ", scopes.join(", ") || "–", " ", h("span", { class: "hint" }, "· ", member)),
  );
}

function copyButton(key, secret) {
  if (!secret) return null;
  const copyKey = async () => {
    if (await copy(secret.key)) notify(t("Key copied."));
  };
  const name = t("Copy the key {key}", { key: key.description });
  return button(t("Copy key"), copyKey, { "aria-label": name, "data-key": `copy-${key.id}` });
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
  const choice = select({}, users.map((user) => option(user.email)));
  const user = field(t("User of the new key"), choice);
  const create = async () => {
    try {
      const wanted = { user: choice.value, description: t("Created in the dashboard") };
      const created = await post("/keys", wanted, inSandbox());
      const close = openDialog(
        t("New key"),
        h("pre", { tabindex: 0, role: "region", "aria-label": t("New key") }, created.key),
        h(
          "div",
          { class: "buttons" },
          copyButton(created, created),
          h("button", { type: "button", onclick: () => close() }, t("Close")),
        ),
      );
      await load();
    } catch (error) {
      showError(error);
    }
  };
  const form = h("form", { class: "bar" }, user.element, h("button", { "data-key": "new" }, t("Create key")));
  onSubmit(form, create);
  return form;
}

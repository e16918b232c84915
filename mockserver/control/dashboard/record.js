// Details of one record: its references, and a form to edit it. Violations of the rules are shown beside their fields.
import { get, post, put, remove } from "./api.js";
import { confirmed } from "./dialog.js";
import { h, render } from "./dom.js";
import { rerender } from "./focus.js";
import { button, onSubmit } from "./form.js";
import { t } from "./language.js";
import { memberField, sortMembers } from "./members.js";
import { notify, showError } from "./notice.js";
import { inSandbox } from "./store.js";

export async function openRecord(place, collection, known, id, onChange) {
  if (place.querySelector("form.touched")?.name === `${collection.name} ${id}`) return; // keeps unsaved changes
  const isNew = id === "new";
  const back = h("a", { href: `#/data/${collection.name}`, class: "back" }, t("← All records"));
  const path = `/state/${collection.name}`;
  let record = {};
  if (!isNew) {
    try {
      record = await get(`${path}/${encodeURIComponent(id)}`, inSandbox());
    } catch (error) {
      rerender(place, back, h("p", { class: "error" }, error.message));
      if (error.status === 404) return;
      throw error;
    }
  }
  const fields = await Promise.all(
    sortMembers(collection.members)
      .filter((member) => !isNew || member.name !== "id")
      .map((member) => memberField(collection, member, record[member.name], isNew)),
  );
  const problem = h("p", { class: "error", role: "alert" });

  async function save() {
    const row = read(fields, problem);
    if (!row) return;
    try {
      const saved = isNew
        ? await post(path, row, inSandbox())
        : await put(`${path}/${id}`, { id: record.id, ...row }, inSandbox());
      form.classList.remove("touched");
      await onChange();
      notify(t("{collection} {id} saved.", { collection: collection.name, id: saved.id }));
      if (isNew) location.hash = `#/data/${collection.name}/${saved.id}`;
    } catch (error) {
      showViolations(error, fields, problem);
    }
  }

  async function deleteRecord() {
    const title = t("Delete {collection} {id}?", { collection: collection.name, id });
    if (!(await confirmed(title, t("Dependent records are deleted too. A snapshot can restore them."), t("Delete"))))
      return;
    try {
      form.classList.remove("touched");
      const { deleted } = await remove(`${path}/${id}`, inSandbox());
      notify(
        t("Deleted: {counts}", {
          counts: Object.entries(deleted)
            .map(([name, count]) => `${count} ${name}`)
            .join(", "),
        }),
      );
      location.hash = `#/data/${collection.name}`;
      onChange();
    } catch (error) {
      showViolations(error, fields, problem);
    }
  }

  const form = h(
    "form",
    {
      name: `${collection.name} ${id}`,
      novalidate: true,
      oninput: () => form.classList.add("touched"),
    },
    fields.map((one) => one.element),
    problem,
    h(
      "div",
      { class: "buttons" },
      h("button", { class: "main", "data-key": "save" }, t("Save")),
      !isNew && button(t("Delete…"), deleteRecord),
    ),
  );
  onSubmit(form, save);
  rerender(
    place,
    back,
    h(
      "h2",
      {},
      isNew ? t("New record: {collection}", { collection: collection.name }) : `${collection.name} ${id}`,
    ),
    !isNew && references(collection, known, id),
    form,
  );
  place.scrollTop = 0;
}

// Links to the records of other collections that reference this one.
function references(collection, known, id) {
  const links = known.flatMap((other) =>
    other.relations
      .filter((relation) => relation.target === collection.name)
      .map(({ member }) =>
        h(
          "a",
          { href: `#/data/${other.name}/where/${encodeURIComponent(`${member}:${id}`)}` },
          `${other.name} (${member})`,
        ),
      ),
  );
  if (!links.length) return null;
  return h(
    "p",
    { class: "references" },
    t("Referenced by:"),
    " ",
    links.map((link) => [link, " "]),
  );
}

// The row in the form; null if the value of a field cannot be parsed.
function read(fields, problem) {
  render(problem);
  const row = {};
  let isValid = true;
  for (const one of fields) {
    one.error("");
    try {
      const value = one.read();
      if (value !== undefined) row[one.name] = value;
    } catch (error) {
      one.error(error.message);
      isValid = false;
    }
  }
  if (!isValid) focusFirst(fields);
  return isValid ? row : null;
}

function showViolations(error, fields, problem) {
  if (error.status === undefined || error.status === 0 || !error.errors?.length) return showError(error);
  const byMember = new Map();
  for (const { member, message } of error.errors) byMember.set(member, [...(byMember.get(member) ?? []), message]);
  for (const [member, messages] of byMember) {
    const one = fields.find((candidate) => candidate.name === member);
    if (one) one.error(messages.join(" "));
    else render(problem, messages.join(" "));
  }
  focusFirst(fields);
}

const focusFirst = (fields) => fields.find((one) => one.control.getAttribute("aria-invalid"))?.control.focus();

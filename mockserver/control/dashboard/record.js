// One record: what it is tied to, and a form to change it. What the rules do not allow stands beside the field.
import { get, post, put, remove } from "./api.js";
import { confirmed } from "./dialog.js";
import { h, show } from "./dom.js";
import { redraw } from "./focus.js";
import { button, onSubmit } from "./form.js";
import { inOrder } from "./members.js";
import { tell, tellProblem } from "./notice.js";
import { memberField } from "./record_field.js";
import { inSandbox } from "./store.js";
import { t } from "./words.js";

export async function openRecord(place, collection, known, id, onChange) {
  if (place.querySelector("form.touched")?.name === `${collection.name} ${id}`) return; // being written
  const isNew = id === "new";
  const back = h("a", { href: `#/data/${collection.name}`, class: "back" }, t("← All records"));
  const path = `/state/${collection.name}`;
  let record = {};
  if (!isNew) {
    try {
      record = await get(`${path}/${encodeURIComponent(id)}`, inSandbox());
    } catch (error) {
      redraw(place, back, h("p", { class: "error" }, error.message));
      if (error.status === 404) return;
      throw error;
    }
  }
  const fields = await Promise.all(
    inOrder(collection.members)
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
      tell(t("{collection} {id} is saved.", { collection: collection.name, id: saved.id }));
      if (isNew) location.hash = `#/data/${collection.name}/${saved.id}`;
    } catch (error) {
      tellFaults(error, fields, problem);
    }
  }

  async function forget() {
    const title = t("Delete {collection} {id}?", { collection: collection.name, id });
    if (!(await confirmed(title, t("What belongs to it goes with it. A snapshot can bring it back."), t("Delete"))))
      return;
    try {
      form.classList.remove("touched");
      const { deleted } = await remove(`${path}/${id}`, inSandbox());
      tell(
        t("Deleted: {what}", {
          what: Object.entries(deleted)
            .map(([name, count]) => `${count} ${name}`)
            .join(", "),
        }),
      );
      location.hash = `#/data/${collection.name}`;
      onChange();
    } catch (error) {
      tellFaults(error, fields, problem);
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
      !isNew && button(t("Delete…"), forget),
    ),
  );
  onSubmit(form, save);
  redraw(
    place,
    back,
    h(
      "h2",
      {},
      isNew ? t("A new record of {collection}", { collection: collection.name }) : `${collection.name} ${id}`,
    ),
    !isNew && ties(collection, known, id),
    form,
  );
  place.scrollTop = 0;
}

// The collections whose records may name this one.
function ties(collection, known, id) {
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
    { class: "ties" },
    t("Named by:"),
    " ",
    links.map((link) => [link, " "]),
  );
}

// The row that the fields tell; null if one of them cannot be read.
function read(fields, problem) {
  show(problem);
  const row = {};
  let sound = true;
  for (const one of fields) {
    one.error("");
    try {
      const value = one.read();
      if (value !== undefined) row[one.name] = value;
    } catch (error) {
      one.error(error.message);
      sound = false;
    }
  }
  if (!sound) focusFirst(fields);
  return sound ? row : null;
}

function tellFaults(error, fields, problem) {
  if (error.status === undefined || error.status === 0 || !error.errors?.length) return tellProblem(error);
  const byMember = new Map();
  for (const { member, message } of error.errors) byMember.set(member, [...(byMember.get(member) ?? []), message]);
  for (const [member, messages] of byMember) {
    const one = fields.find((candidate) => candidate.name === member);
    if (one) one.error(messages.join(" "));
    else show(problem, messages.join(" "));
  }
  focusFirst(fields);
}

const focusFirst = (fields) => fields.find((one) => one.control.getAttribute("aria-invalid"))?.control.focus();

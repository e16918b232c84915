// Members of a record: the order in which they are shown, and a form control for each.
import { get } from "./api.js";
import { h } from "./dom.js";
import { field, option, select } from "./form.js";
import { t } from "./language.js";
import { inSandbox } from "./store.js";

const FIRST = ["id", "name", "title", "email", "slug", "reference", "description", "data"];
const LAST = ["created_at", "updated_at"];
const DISPLAY_NAMES = ["email", "name", "title", "slug", "reference", "description"];

// Identifying members first, timestamps last.
export function sortMembers(members) {
  const rank = ({ name }) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length + 1 + LAST.indexOf(name));
  return members.toSorted((one, other) => rank(one) - rank(other));
}

const displayName = (record) => record[DISPLAY_NAMES.find((name) => record[name])] ?? record.id;

const MASK = "***";
// The server generates these for a new record.
const GENERATED = ["created_at", "updated_at", "reference", "key", "token", "secrets"];
const MAX_CHOICES = 300;

export async function memberField(collection, member, stored, isNew) {
  const value = stored === undefined ? member.default : stored;
  const relation = collection.relations.find((one) => one.member === member.name && !one.list);
  const { control, hint, read } = await createControl(member, value, relation, isNew);
  const label = member.needed && !(isNew && GENERATED.includes(member.name)) ? `${member.name} *` : member.name;
  return { name: member.name, ...field(label, control, hint), read };
}

async function createControl(member, value, relation, isNew) {
  if (value === MASK || (isNew && GENERATED.includes(member.name))) return unchanged(value);
  if (member.name === "id") return fixed(value);
  if (relation) return (await choiceOfRecords(member, value, relation)) ?? text(member, value);
  if (member.enum)
    return choice(
      member,
      value,
      member.enum.map((one) => [one, one ?? "null"]),
    );
  if (typeof value === "boolean")
    return choice(member, value, [
      [true, "true"],
      [false, "false"],
    ]);
  if (typeof value === "object" && value !== null) return json(value);
  if (["object", "array"].includes(member.type)) return json(value);
  return text(member, value);
}

// A masked secret is sent back as its mask, which keeps it. Members that the server generates are left out.
const unchanged = (value) => ({
  control: h("input", { value: value === MASK ? MASK : "", disabled: true, placeholder: t("generated") }),
  read: () => (value === MASK ? MASK : undefined),
});

const fixed = (value) => ({ control: h("input", { value, disabled: true }), read: () => value });

function text(member, value) {
  const isNumber = typeof value === "number" || (value === null && ["integer", "number"].includes(member.type));
  const long = typeof value === "string" && value.length > 60;
  const shown = value === null || value === undefined ? "" : String(value);
  const box = long ? h("textarea", { rows: 3, value: shown }) : h("input", { value: shown });
  const isNull = value === null || value === undefined || member.nullable || member.default === null;
  return { control: box, hint: member.format ?? null, read: () => parseText(box.value, isNumber, isNull, member) };
}

function parseText(written, isNumber, isNull, member) {
  if (written === "" && (isNull || isNumber)) return member.needed && !member.nullable ? undefined : null;
  if (!isNumber) return written;
  if (!Number.isFinite(Number(written))) throw new Error(t("Not a number."));
  return Number(written);
}

function json(value) {
  const written = value === undefined ? "" : JSON.stringify(value, null, 2);
  const box = h("textarea", {
    class: "code",
    rows: Math.min(written.split("\n").length + 1, 14),
    value: written,
    spellcheck: "false",
  });
  return {
    control: box,
    hint: "JSON",
    read: () => {
      if (box.value.trim() === "") return null;
      try {
        return JSON.parse(box.value);
      } catch (error) {
        throw new Error(t("Invalid JSON: {reason}", { reason: error.message }));
      }
    },
  };
}

// A select of `choices`, pairs of a value and its text. Adds null where the member accepts it.
function choice(member, value, choices) {
  const isNull = member.default === null || member.nullable || value === null || value === undefined;
  const all = isNull && !choices.some(([one]) => one === null) ? [[null, "null"], ...choices] : choices;
  const at = all.findIndex(([one]) => one === value);
  if (at < 0) all.push([value, String(value)]);
  const box = select(
    { value: at < 0 ? all.length - 1 : at },
    all.map(([, label], index) => option(index, label)),
  );
  return {
    control: box,
    read: () => {
      const chosen = all[Number(box.value)][0];
      return chosen === null && member.needed && value === undefined ? undefined : chosen;
    },
  };
}

// A select of the records that the relation can point to; null if there are too many for a list.
async function choiceOfRecords(member, value, { target }) {
  const { total, records } = await get(`/state/${target}`, inSandbox({ limit: MAX_CHOICES }));
  if (total > MAX_CHOICES) return null;
  return choice(
    member,
    value,
    records.map((record) => [record.id, `${displayName(record)} (${record.id})`]),
  );
}

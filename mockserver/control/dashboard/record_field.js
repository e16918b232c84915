// The control of one member: a choice where the contract or a relation tells what there is, else a text or JSON.
import { get } from "./api.js";
import { h } from "./dom.js";
import { field, option, select } from "./form.js";
import { nameOf } from "./members.js";
import { inSandbox } from "./store.js";
import { t } from "./words.js";

const MASK = "***";
const MADE_UP = ["created_at", "updated_at", "reference", "key", "token", "secrets"];
const MOST_CHOICES = 300;

export async function memberField(collection, member, held, isNew) {
  const value = held === undefined ? member.default : held;
  const relation = collection.relations.find((one) => one.member === member.name && !one.list);
  const made = await control(member, value, relation, isNew);
  const label = member.needed && !(isNew && MADE_UP.includes(member.name)) ? `${member.name} *` : member.name;
  return { name: member.name, ...field(label, made.control, made.hint), read: made.read };
}

async function control(member, value, relation, isNew) {
  if (value === MASK || (isNew && MADE_UP.includes(member.name))) return kept(value);
  if (member.name === "id") return fixed(value);
  if (relation) return (await choiceOfRecords(member, value, relation)) ?? text(member, value);
  if (member.enum)
    return choice(
      member,
      value,
      member.enum.map((one) => [one, one ?? t("nothing")]),
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

// What is masked stays; what is left out of a new record is made up.
const kept = (value) => ({
  control: h("input", { value: value === MASK ? MASK : "", disabled: true, placeholder: t("made up") }),
  read: () => (value === MASK ? MASK : undefined),
});

const fixed = (value) => ({ control: h("input", { value, disabled: true }), read: () => value });

function text(member, value) {
  const isNumber = typeof value === "number" || (value === null && ["integer", "number"].includes(member.type));
  const long = typeof value === "string" && value.length > 60;
  const shown = value === null || value === undefined ? "" : String(value);
  const box = long ? h("textarea", { rows: 3, value: shown }) : h("input", { value: shown });
  const isNull = value === null || value === undefined || member.nullable || member.default === null;
  return { control: box, hint: member.format ?? null, read: () => read(box.value, isNumber, isNull, member) };
}

function read(written, isNumber, isNull, member) {
  if (written === "" && (isNull || isNumber)) return member.needed && !member.nullable ? undefined : null;
  if (!isNumber) return written;
  if (!Number.isFinite(Number(written))) throw new Error(t("This is no number."));
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
        throw new Error(t("This is no JSON: {why}", { why: error.message }));
      }
    },
  };
}

// `choices` are pairs of a value and its text; null is one of them where the member may be it.
function choice(member, value, choices) {
  const isNull = member.default === null || member.nullable || value === null || value === undefined;
  const all = isNull && !choices.some(([one]) => one === null) ? [[null, t("nothing")], ...choices] : choices;
  const at = all.findIndex(([one]) => one === value);
  if (at < 0) all.push([value, String(value)]);
  const box = select(
    { value: at < 0 ? all.length - 1 : at },
    all.map(([, told], index) => option(index, told)),
  );
  return {
    control: box,
    read: () => {
      const chosen = all[Number(box.value)][0];
      return chosen === null && member.needed && value === undefined ? undefined : chosen;
    },
  };
}

// The records that may be named, if they are not too many for a list.
async function choiceOfRecords(member, value, { target }) {
  const { total, records } = await get(`/state/${target}`, inSandbox({ limit: MOST_CHOICES }));
  if (total > MOST_CHOICES) return null;
  return choice(
    member,
    value,
    records.map((record) => [record.id, `${nameOf(record)} (${record.id})`]),
  );
}

// The order in which the members of a record are shown: what it is known by first, the stamps last.
const FIRST = ["id", "name", "title", "email", "slug", "reference", "description", "data"];
const LAST = ["created_at", "updated_at"];

export function inOrder(members) {
  const rank = ({ name }) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length + 1 + LAST.indexOf(name));
  return members.toSorted((one, other) => rank(one) - rank(other));
}

// What people know a record by.
const NAMES = ["email", "name", "title", "slug", "reference", "description"];

export const nameOf = (record) => record[NAMES.find((name) => record[name])] ?? record.id;

// The operations of the served contract, read once for each view that tells all of them: it may be served anew.
import { getContract } from "./api.js";

const METHODS = ["get", "post", "put", "patch", "delete"];

let asked = null;

export function contract() {
  asked ??= read().catch((error) => {
    asked = null;
    throw error;
  });
  return asked;
}

// Tags in their order, each with its operations.
export async function byTag() {
  asked = null;
  const operations = await contract();
  const tags = new Map();
  for (const operation of operations) tags.set(operation.tag, [...(tags.get(operation.tag) ?? []), operation]);
  return tags;
}

async function read() {
  const document = await getContract();
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => told(path, method, item[method])),
  );
}

const told = (path, method, operation) => ({
  id: operation.operationId,
  method: method.toUpperCase(),
  path,
  tag: (operation.tags ?? [""])[0],
  summary: operation.summary ?? "",
  provenance: operation["x-provenance"] ?? {},
  statuses: Object.keys(operation.responses ?? {}),
});

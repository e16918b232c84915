// Operations of the served contract. Each tab that lists them loads them again, as the contract can be reloaded.
import { getContract } from "./api.js";

const METHODS = ["get", "post", "put", "patch", "delete"];

let loading = null;

export function contract() {
  // A failed load is forgotten, so that the next call tries again.
  loading ??= load().catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

// Operations by tag, in the order of the contract.
export async function byTag() {
  loading = null;
  const operations = await contract();
  const tags = new Map();
  for (const operation of operations) tags.set(operation.tag, [...(tags.get(operation.tag) ?? []), operation]);
  return tags;
}

async function load() {
  const document = await getContract();
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => summarize(path, method, item[method])),
  );
}

const summarize = (path, method, operation) => ({
  id: operation.operationId,
  method: method.toUpperCase(),
  path,
  tag: (operation.tags ?? [""])[0],
  summary: operation.summary ?? "",
  provenance: operation["x-provenance"] ?? {},
  statuses: Object.keys(operation.responses ?? {}),
});

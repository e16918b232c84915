// orval with fetch. Its functions use relative URLs, as a page of the same origin would, and do not encode objects in a
// query, so that filters are written as parameters of their own.
import assert from "node:assert/strict";
import { HEADERS, check } from "./expected.js";
import {
  type CountItemsParams,
  type ListItemsParams,
  countItems,
  createItem,
  deleteItem,
  listItems,
  updateItem,
} from "./generated/orval.js";

const send = globalThis.fetch;
globalThis.fetch = (path, init) =>
  send(new URL(String(path), process.env.ENSPACE_API_URL), { ...init, headers: { ...HEADERS, ...init?.headers } });

type Answer = { status: number; data: unknown };

async function sent<A extends Answer>(answer: Promise<A>): Promise<Extract<A, { status: 200 }>["data"]> {
  const { status, data } = await answer;
  assert.equal(status, 200, JSON.stringify(data));
  return data as Extract<A, { status: 200 }>["data"];
}

const values = (by: Record<string, string>) => by as ListItemsParams & CountItemsParams;
assert.equal((await listItems("contratos", { values: { situacao: "encerrado" } })).status, 400);

await check({
  filter: (situacao) => sent(listItems("contratos", values({ situacao }))),
  create: (data) => sent(createItem("contratos", { data })),
  change: (reference, data) => sent(updateItem("contratos", reference, { data })),
  remove: async (reference) => (await deleteItem("contratos", reference)).status,
  count: (numero) => sent(countItems("contratos", values({ numero }))),
});

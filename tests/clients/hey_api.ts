// @hey-api/openapi-ts; its client has the address of the first server of the document.
import { HEADERS, check } from "./expected.js";
import { client } from "./generated/hey_api/client.gen.js";
import { countItems, createItem, deleteItem, listItems, updateItem } from "./generated/hey_api/sdk.gen.js";

client.setConfig({ headers: HEADERS });
const TYPE = { slug: "contratos" };

async function sent<T>(answer: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  const { data, error } = await answer;
  if (data === undefined) throw new Error(JSON.stringify(error));
  return data;
}

await check({
  filter: (situacao) => sent(listItems({ path: TYPE, query: { values: { situacao } } })),
  create: (data) => sent(createItem({ path: TYPE, body: { data } })),
  change: (reference, data) => sent(updateItem({ path: { ...TYPE, reference }, body: { data } })),
  remove: async (reference) => (await deleteItem({ path: { ...TYPE, reference } })).response?.status ?? 0,
  count: (numero) => sent(countItems({ path: TYPE, query: { values: { numero } } })),
});

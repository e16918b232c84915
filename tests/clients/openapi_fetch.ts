// openapi-typescript with openapi-fetch.
import createClient from "openapi-fetch";
import { HEADERS, check } from "./expected.js";
import type { paths } from "./generated/openapi_fetch.js";

const api = createClient<paths>({ baseUrl: process.env.ENSPACE_API_URL, headers: HEADERS });
const TYPE = { slug: "contratos" };

async function sent<T>(answer: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  const { data, error } = await answer;
  if (data === undefined) throw new Error(JSON.stringify(error));
  return data;
}

const items = "/ws/types/{slug}/items";
const item = "/ws/types/{slug}/items/{reference}";

await check({
  filter: (situacao) => sent(api.GET(items, { params: { path: TYPE, query: { values: { situacao } } } })),
  create: (data) => sent(api.POST(items, { params: { path: TYPE }, body: { data } })),
  change: (reference, data) => sent(api.PUT(item, { params: { path: { ...TYPE, reference } }, body: { data } })),
  remove: async (reference) => (await api.DELETE(item, { params: { path: { ...TYPE, reference } } })).response.status,
  count: (numero) => sent(api.GET("/ws/types/{slug}/items/count", { params: { path: TYPE, query: { values: { numero } } } })),
});

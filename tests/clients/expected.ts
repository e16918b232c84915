// What each program does with its client: it filters, creates, changes and deletes items of the demo type `contratos`.
import assert from "node:assert/strict";

export const HEADERS = {
  "x-api-key": process.env.ENSPACE_API_KEY ?? "",
  "en-workspace": process.env.ENSPACE_WORKSPACE_ID ?? "",
};
export const DATA = { numero: "CT-2026-901", valor: 1500 };

interface Item {
  reference: string;
  data: Record<string, unknown>;
}

export interface Client {
  filter(situacao: string): Promise<Item[]>;
  create(data: Record<string, unknown>): Promise<Item>;
  change(reference: string, data: Record<string, unknown>): Promise<Item>;
  remove(reference: string): Promise<number>;
  count(numero: string): Promise<number>;
}

export async function check(client: Client): Promise<void> {
  const closed = await client.filter("encerrado");
  assert.deepEqual(new Set(closed.map((item) => item.data.situacao)), new Set(["encerrado"]));
  const { reference } = await client.create(DATA);
  assert.equal(await client.count(DATA.numero), 1);
  assert.equal((await client.change(reference, { valor: 1600 })).data.valor, 1600);
  assert.equal(await client.remove(reference), 200);
  assert.equal(await client.count(DATA.numero), 0);
  console.log("passed");
}

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { connect } from "../src/client.js";
import { Orders, Refused } from "../src/orders.js";
import { Sandbox } from "./sandbox.js";

let sandbox: Sandbox;
let orders: Orders;

beforeEach(async () => {
  sandbox = await Sandbox.open();
  orders = new Orders(connect(sandbox.account));
});
afterEach(() => sandbox.close());

test("the menu shows the types by name", async () => {
  assert.deepEqual(await orders.menu(), ["Chamados", "Clientes", "Compras", "Contratos", "Fornecedores"]);
});

test("an order that was placed is found", async () => {
  const placed = await orders.place({ pedido: "PC-1", valor: 120.5, categoria: "limpeza" });
  assert.equal(placed.isOpen, true);
  assert.deepEqual(await orders.find({ pedido: "PC-1" }), [placed]);
});

test("orders are found by category, over all pages", async () => {
  const before = await orders.find({ categoria: "informatica" });
  const numbers = Array.from({ length: 60 }, (_, index) => `PC-${index}`);
  await Promise.all(numbers.map((pedido) => orders.place({ pedido, valor: 1, categoria: "informatica" })));
  const found = await orders.find({ categoria: "informatica" });
  assert.equal(found.length, before.length + 60);
  assert.ok(found.every((order) => order.categoria === "informatica"));
});

test("an order that was closed is not open", async () => {
  const { reference } = await orders.place({ pedido: "PC-1", valor: 1 });
  assert.equal((await orders.close(reference)).isOpen, false);
});

test("an order that is refused has a message for each invalid input", async () => {
  const wrong = { pedido: "PC-1", valor: "a lot", categoria: "comida" } as never;
  await assert.rejects(orders.place(wrong), (error: Refused) => {
    assert.equal(error.status, 400);
    assert.deepEqual(Object.keys(error.fields).sort(), ["data.categoria", "data.valor"]);
    assert.match(error.fields["data.valor"]!, /number/);
    return true;
  });
});

test("only the given values are sent", async () => {
  await orders.place({ pedido: "PC-1", valor: 12 });
  const data = { pedido: "PC-1", valor: 12 };
  await sandbox.verify(
    { operation: "createItem", path: "/ws/types/compras/items", body: { data }, times: { exactly: 1 } },
    { operation: "updateItem", times: { exactly: 0 } },
  );
});

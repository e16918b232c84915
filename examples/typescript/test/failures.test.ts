import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { connect } from "../src/client.js";
import { Orders } from "../src/orders.js";
import { Sandbox } from "./sandbox.js";

let sandbox: Sandbox;
let orders: Orders;
let pauses: number[];

beforeEach(async () => {
  pauses = [];
  sandbox = await Sandbox.open();
  orders = new Orders(connect(sandbox.account, async (seconds) => pauses.push(seconds)));
});
afterEach(() => sandbox.close());

test("a list that fails twice is requested again with longer pauses", async () => {
  await sandbox.fault({ operations: ["listTypes"], status: 500, times: 2 });
  assert.equal((await orders.menu()).length, 5);
  assert.deepEqual(pauses, [2, 4]);
  await sandbox.verify({ operation: "listTypes", times: { exactly: 3 } });
});

test("a list that keeps failing is an error", async () => {
  await sandbox.fault({ operations: ["listTypes"], status: 500 });
  await assert.rejects(orders.menu(), { status: 500 });
  await sandbox.verify({ operation: "listTypes", times: { exactly: 4 } });
});

test("a 429 is repeated after the time in Retry-After", async () => {
  await sandbox.fault({ operations: ["createItem"], status: 429, headers: { "retry-after": "7" }, times: 1 });
  const placed = await orders.place({ pedido: "PC-1", valor: 10 });
  assert.equal(placed.pedido, "PC-1");
  assert.deepEqual(pauses, [7]);
});

test("an order whose creation fails is searched before it is sent again", async () => {
  await sandbox.fault({ operations: ["createItem"], status: 500, times: 1 });
  await orders.place({ pedido: "PC-1", valor: 10 });
  assert.equal((await orders.find({ pedido: "PC-1" })).length, 1);
  await sandbox.verify(
    { operation: "createItem", status: 500, times: { exactly: 1 } },
    { operation: "createItem", status: 200, times: { exactly: 1 } },
    { operation: "listItems", query: { pedido: "PC-1" }, times: { at_least: 1 } },
  );
});

test("a connection that is cut is an error, not an order", async () => {
  await sandbox.fault({ operations: ["createItem"], connection: "reset" });
  await assert.rejects(orders.place({ pedido: "PC-1", valor: 10 }), TypeError);
  assert.deepEqual(await orders.find({ pedido: "PC-1" }), []);
});

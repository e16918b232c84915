/** Purchase orders, stored in Enspace as items of the type `compras`. */

import type { components } from "contract/enspace";

import type { Enspace } from "./client.js";

export interface Order {
  pedido: string;
  valor: number;
  categoria?: "escritorio" | "informatica" | "limpeza" | "servicos";
  fornecedor?: string;
}

export interface StoredOrder extends Order {
  reference: string;
  isOpen: boolean;
}

/** Enspace refused a request. `fields` has the message for each input. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly fields: Record<string, string>,
  ) {
    super(message);
  }
}

const COMPRAS = { slug: "compras" };
const PAGE = 50;

export class Orders {
  constructor(private readonly enspace: Enspace) {}

  /** The names of the types in the workspace, for the menu of the program. */
  async menu(): Promise<string[]> {
    const types = read(await this.enspace.GET("/ws/types", { params: { query: { _sort: "name:ASC" } } }));
    return types.map((type) => type.name);
  }

  /** Sends an order. After a server error, sends it again if the first one was not stored. */
  async place(order: Order): Promise<StoredOrder> {
    const request = { params: { path: COMPRAS }, body: { data: { ...order } } };
    const send = () => this.enspace.POST("/ws/types/{slug}/items", request);
    const sent = await send();
    if (sent.response.status < 500) return toOrder(read(sent));
    const [stored] = await this.find({ pedido: order.pedido });
    return stored ?? toOrder(read(await send()));
  }

  /** All orders with these values, from all pages. */
  async find(values: Partial<Record<keyof Order, string>>): Promise<StoredOrder[]> {
    const found: StoredOrder[] = [];
    for (let start = 0; ; start += PAGE) {
      const query = { values, _start: start, _limit: PAGE };
      const page = read(await this.enspace.GET("/ws/types/{slug}/items", { params: { path: COMPRAS, query } }));
      found.push(...page.map(toOrder));
      if (page.length < PAGE) return found;
    }
  }

  async close(reference: string): Promise<StoredOrder> {
    const path = { ...COMPRAS, reference };
    const body = { status: "inactive" } as const;
    return toOrder(read(await this.enspace.PUT("/ws/types/{slug}/items/{reference}", { params: { path }, body })));
  }
}

function toOrder(item: components["schemas"]["Item"]): StoredOrder {
  return { ...(item.data as unknown as Order), reference: item.reference, isOpen: item.status === "active" };
}

interface Answer<T> {
  data?: T;
  error?: { message?: string; data?: { field?: string; message?: string }[] };
  response: Response;
}

function read<T>({ data, error, response }: Answer<T>): T {
  if (data !== undefined) return data;
  const fields = Object.fromEntries((error?.data ?? []).map(({ field, message }) => [field, message]));
  throw new Refused(response.status, error?.message ?? response.statusText, fields);
}

/** Purchase orders, kept as items of the type `compras`. */

import type { components } from "contract/enspace";

import type { Enspace } from "./client.js";

export interface Order {
  pedido: string;
  valor: number;
  categoria?: "escritorio" | "informatica" | "limpeza" | "servicos";
  fornecedor?: string;
}

export interface KeptOrder extends Order {
  reference: string;
  isOpen: boolean;
}

/** Enspace refused; `fields` says what to show beside which input. */
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

  /** The types of the workspace by name: what the menu of the program shows. */
  async menu(): Promise<string[]> {
    const types = told(await this.enspace.GET("/ws/types", { params: { query: { _sort: "name:ASC" } } }));
    return types.map((type) => type.name);
  }

  /** Sends the order, and after a failure of Enspace once more if it has not arrived. */
  async place(order: Order): Promise<KeptOrder> {
    const request = { params: { path: COMPRAS }, body: { data: { ...order } } };
    const send = () => this.enspace.POST("/ws/types/{slug}/items", request);
    const sent = await send();
    if (sent.response.status < 500) return kept(told(sent));
    const [arrived] = await this.find({ pedido: order.pedido });
    return arrived ?? kept(told(await send()));
  }

  /** All orders with these values, however many pages they are. */
  async find(values: Partial<Record<keyof Order, string>>): Promise<KeptOrder[]> {
    const found: KeptOrder[] = [];
    for (let start = 0; ; start += PAGE) {
      const query = { values, _start: start, _limit: PAGE };
      const page = told(await this.enspace.GET("/ws/types/{slug}/items", { params: { path: COMPRAS, query } }));
      found.push(...page.map(kept));
      if (page.length < PAGE) return found;
    }
  }

  async close(reference: string): Promise<KeptOrder> {
    const path = { ...COMPRAS, reference };
    const body = { status: "inactive" } as const;
    return kept(told(await this.enspace.PUT("/ws/types/{slug}/items/{reference}", { params: { path }, body })));
  }
}

function kept(item: components["schemas"]["Item"]): KeptOrder {
  return { ...(item.data as unknown as Order), reference: item.reference, isOpen: item.status === "active" };
}

interface Answer<T> {
  data?: T;
  error?: { message?: string; data?: { field?: string; message?: string }[] };
  response: Response;
}

function told<T>({ data, error, response }: Answer<T>): T {
  if (data !== undefined) return data;
  const fields = Object.fromEntries((error?.data ?? []).map(({ field, message }) => [field, message]));
  throw new Refused(response.status, error?.message ?? response.statusText, fields);
}

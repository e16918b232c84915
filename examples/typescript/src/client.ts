/** The client that is generated from the contract, with this program's patience. */

import createClient, { type Client } from "openapi-fetch";
import type { paths } from "contract/enspace";

import { type Pause, patient } from "./patience.js";

/** Where Enspace is, and as whom this program calls it. */
export interface Account {
  url: string;
  apiKey: string;
  workspace: string;
}

export type Enspace = Client<paths>;

export function connect(account: Account, pause?: Pause): Enspace {
  return createClient<paths>({
    baseUrl: account.url,
    headers: { "x-api-key": account.apiKey, "en-workspace": account.workspace },
    fetch: patient(pause),
    // Item values are query names of their own: `categoria=limpeza`, not `values[categoria]=limpeza`.
    querySerializer: { object: { style: "form", explode: true } },
  });
}

/** Client with types generated from the contract, and with retries. */

import createClient, { type Client } from "openapi-fetch";
import type { paths } from "contract/enspace";

import { type Pause, withRetries } from "./retries.js";

/** The URL of Enspace, and the credentials of this program. */
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
    fetch: withRetries(pause),
    // Item values are query names of their own: `categoria=limpeza`, not `values[categoria]=limpeza`.
    querySerializer: { object: { style: "form", explode: true } },
  });
}

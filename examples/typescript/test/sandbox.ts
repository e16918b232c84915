/** A sandbox of the mock server for one test, with faults and verification. */

import assert from "node:assert/strict";

import createClient from "openapi-fetch";
import type { components, paths } from "contract/control";

import type { Account } from "../src/client.js";

type Fault = components["schemas"]["NewFault"];
type Expectation = components["schemas"]["Expectation"];

const url = process.env.ENSPACE_API_URL;
assert(url, "ENSPACE_API_URL is missing. Run the tests with `mockserver run -- npm test`.");

const token = process.env.MOCKSERVER_CONTROL_TOKEN;
const control = createClient<paths>({ baseUrl: `${url}/_mock`, headers: token ? { "x-mock-token": token } : {} });

export class Sandbox {
  private constructor(
    readonly account: Account,
    private readonly sandbox: string,
  ) {}

  /** Creates a sandbox. Its lifetime ends it if this process is killed. */
  static async open(): Promise<Sandbox> {
    const { data, error } = await control.POST("/sandboxes", { body: { lifetime: 300 } });
    assert(data, JSON.stringify(error));
    return new Sandbox({ url: url!, apiKey: data.api_key!, workspace: data.workspace! }, data.name);
  }

  async fault(body: Fault): Promise<void> {
    const { error } = await control.POST("/faults", { params: { query: { sandbox: this.sandbox } }, body });
    assert.equal(error, undefined);
  }

  /** Asserts that the calls of this sandbox meet every expectation. */
  async verify(...expectations: Expectation[]): Promise<void> {
    const query = { sandbox: this.sandbox };
    const { data } = await control.POST("/journal/verify", { params: { query }, body: { expectations } });
    assert.equal(data?.passed, true, JSON.stringify(data, null, 2));
  }

  async close(): Promise<void> {
    await control.DELETE("/sandboxes/{name}", { params: { path: { name: this.sandbox } } });
  }
}

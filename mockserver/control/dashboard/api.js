// Client of the control API. Prompts for the control token when needed and keeps it in the session storage.
import { askToken } from "./dialog.js";
import { t } from "./language.js";

const TOKEN_KEY = "mock-token";
const TIMEOUT = 30_000;

// An error response of the server. Status 0 means that there was no response.
export class Problem extends Error {
  constructor(status, detail, errors = []) {
    super(detail);
    this.status = status;
    this.errors = errors;
  }
}

export const get = (path, query) => request("GET", path, { query });
export const post = (path, body, query) => request("POST", path, { body, query });
export const put = (path, body, query) => request("PUT", path, { body, query });
export const remove = (path, query) => request("DELETE", path, { query });

// The served contract. It is outside of the control API and needs no token.
export const getContract = async () => read(await fetchOrFail("/openapi.json", {}));

async function request(method, path, { body, query }) {
  const response = await send(path, {
    method,
    query,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT),
  });
  return read(response);
}

// Parses the JSON of a response; null for a 204. Throws a `Problem`.
async function read(response) {
  try {
    return response.status === 204 ? null : await response.json();
  } catch {
    throw noResponse(); // the connection was lost within the body
  }
}

// Returns the response itself, for streams and files. Throws a `Problem` for an error status.
export async function send(path, { query = {}, headers = {}, ...options } = {}) {
  for (;;) {
    const token = sessionStorage.getItem(TOKEN_KEY);
    const all = token ? { ...headers, "x-mock-token": token } : headers;
    const response = await fetchOrFail(address(path, query), { ...options, headers: all });
    // Asks again until the token is right.
    if (response.status !== 401) {
      if (!response.ok) throw await problem(response);
      return response;
    }
    sessionStorage.setItem(TOKEN_KEY, await askToken(token !== null));
  }
}

function address(path, query) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(given).toString();
  return `/_mock${path}${text && "?"}${text}`;
}

async function fetchOrFail(url, options) {
  try {
    // Without the cache of the browser: the contract and the state change at any time.
    return await fetch(url, { cache: "no-store", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw noResponse();
  }
}

const noResponse = () => new Problem(0, t("The server does not respond"));

async function problem(response) {
  const text = await response.text();
  try {
    const { detail, title, errors } = JSON.parse(text);
    return reportRemovedSandbox(new Problem(response.status, detail || title, errors));
  } catch {
    return new Problem(response.status, text.slice(0, 200) || response.statusText);
  }
}

// A removed sandbox is reported by the header, which selects the default one.
function reportRemovedSandbox(error) {
  error.isShown = error.status === 404 && error.message.startsWith("no sandbox");
  if (error.isShown) dispatchEvent(new Event("sandbox-removed"));
  return error;
}

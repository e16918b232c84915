// Calls of the control API. A token that it wants is asked for once, and kept as long as the tab is.
import { askToken } from "./token.js";
import { t } from "./words.js";

const KEPT = "mock-token";
const PATIENCE = 30_000;

// What a call was refused with; status 0 if there was no answer at all.
export class Problem extends Error {
  constructor(status, detail, errors = []) {
    super(detail);
    this.status = status;
    this.errors = errors;
  }
}

export const get = (path, query) => told("GET", path, { query });
export const post = (path, body, query) => told("POST", path, { body, query });
export const put = (path, body, query) => told("PUT", path, { body, query });
export const remove = (path, query) => told("DELETE", path, { query });

// The contract that is served; it is not a part of the control API, and asks for no token.
export const getContract = async () => read(await reached("/openapi.json", {}));

async function told(method, path, { body, query }) {
  const answer = await send(path, {
    method,
    query,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE),
  });
  return read(answer);
}

// The JSON of the answer; null if it has none. Throws a `Problem`.
async function read(answer) {
  try {
    return answer.status === 204 ? null : await answer.json();
  } catch {
    throw silent(); // it ended within its answer
  }
}

// The answer itself, for streams and files.
export async function send(path, { query = {}, headers = {}, ...options } = {}) {
  for (;;) {
    const token = sessionStorage.getItem(KEPT);
    const all = token ? { ...headers, "x-mock-token": token } : headers;
    const answer = await reached(address(path, query), { ...options, headers: all });
    if (answer.status !== 401) {
      if (!answer.ok) throw await problem(answer);
      return answer;
    }
    sessionStorage.setItem(KEPT, await askToken(token !== null));
  }
}

function address(path, query) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(given).toString();
  return `/_mock${path}${text && "?"}${text}`;
}

async function reached(url, options) {
  try {
    return await fetch(url, { cache: "no-store", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw silent();
  }
}

const silent = () => new Problem(0, t("The fake does not answer"));

async function problem(answer) {
  const text = await answer.text();
  try {
    const { detail, title, errors } = JSON.parse(text);
    return withoutSandbox(new Problem(answer.status, detail || title, errors));
  } catch {
    return new Problem(answer.status, text.slice(0, 200) || answer.statusText);
  }
}

// The head of the page tells of a sandbox that is gone, and leads to another one.
function withoutSandbox(error) {
  error.isTold = error.status === 404 && error.message.startsWith("no sandbox");
  if (error.isTold) dispatchEvent(new Event("sandbox-gone"));
  return error;
}

let known = null;

// Does this fake have that path of the control API?
export async function offers(path) {
  known ??= get("/openapi.json");
  try {
    return path in (await known).paths;
  } catch (error) {
    known = null;
    throw error;
  }
}

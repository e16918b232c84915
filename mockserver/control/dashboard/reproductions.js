// Reproductions of a request as a curl command or a pytest test. Masked secrets become names of variables.
import { asText, fields, hasText, isForm, isMultipart } from "./request_body.js";

const CLIENT_HEADERS = new Set([
  "host",
  "connection",
  "content-length",
  "accept",
  "accept-encoding",
  "user-agent",
  "origin",
  "referer",
]);
const BROWSER_HEADERS = /^sec-|^accept-language$|^cache-control$|^pragma$/;
const MASKS = { "x-api-key": "$ENSPACE_API_KEY", authorization: "Bearer $ENSPACE_TOKEN" };

export function asCurl({ request }) {
  const lines = [`curl -X ${request.method} ${quoted(location.origin + target(request))}`];
  for (const [name, value] of headersToSend(request)) {
    lines.push(value === "***" && MASKS[name] ? `-H "${name}: ${MASKS[name]}"` : `-H ${quoted(`${name}: ${value}`)}`);
  }
  lines.push(...curlBody(request));
  return lines.join(" \\\n  ");
}

function curlBody(request) {
  if (!hasText(request)) return [];
  const option = isMultipart(request) ? "--form-string" : "--data-urlencode";
  if (isForm(request)) return fields(request.body).map(([name, value]) => `${option} ${quoted(`${name}=${value}`)}`);
  return [`-d ${quoted(asText(request.body))}`];
}

export function asPytest({ number, operation, request, answer }) {
  const name = (operation ?? `request_${number}`).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return [
    `def test_${name}__answers_${answer.status}(enspace):`,
    `    answer = enspace.client.request(${python(request.method)}, ${python(target(request))}${pythonBody(request)})`,
    `    assert answer.status_code == ${answer.status}`,
    "",
  ].join("\n");
}

function pythonBody(request) {
  if (!hasText(request)) return "";
  if (typeof request.body === "string") return `, content=${python(request.body)}`;
  if (isMultipart(request)) return `, files=${python(fields(request.body).map(([name, value]) => [name, [null, value]]))}`;
  return isForm(request) ? `, data=${python(Object.fromEntries(fields(request.body)))}` : `, json=${python(request.body)}`;
}

// The headers of the request without those that every client adds by itself.
const ownHeaders = (request) =>
  Object.entries(request.headers).filter(([name]) => !CLIENT_HEADERS.has(name) && !BROWSER_HEADERS.test(name));

// Without the type of a multipart form, whose boundary the client chooses.
export const headersToSend = (request) =>
  ownHeaders(request).filter(([name]) => name !== "content-type" || !isMultipart(request));

export const target = ({ path, query }) => (query ? `${path}?${query}` : path);

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

function python(value) {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  if (typeof value === "object") {
    return `{${Object.entries(value)
      .map(([name, part]) => `${python(name)}: ${python(part)}`)
      .join(", ")}}`;
  }
  // Texts and numbers of JSON are literals of Python too.
  return JSON.stringify(value);
}

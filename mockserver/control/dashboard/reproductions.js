// Reproductions of a request as a curl command or a pytest test. Masked secrets become names of variables.
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
  for (const [name, value] of ownHeaders(request)) {
    lines.push(value === "***" && MASKS[name] ? `-H "${name}: ${MASKS[name]}"` : `-H ${quoted(`${name}: ${value}`)}`);
  }
  if (request.body !== null) lines.push(`-d ${quoted(asText(request.body))}`);
  return lines.join(" \\\n  ");
}

export function asPytest({ number, operation, request, answer }) {
  const body = request.body === null ? "" : `, json=${python(request.body)}`;
  const name = (operation ?? `request_${number}`).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return [
    `def test_${name}__answers_${answer.status}(enspace):`,
    `    answer = enspace.client.request(${python(request.method)}, ${python(target(request))}${body})`,
    `    assert answer.status_code == ${answer.status}`,
    "",
  ].join("\n");
}

// The headers of the request without those that every client adds by itself.
export const ownHeaders = (request) =>
  Object.entries(request.headers).filter(([name]) => !CLIENT_HEADERS.has(name) && !BROWSER_HEADERS.test(name));

export const target = ({ path, query }) => (query ? `${path}?${query}` : path);
export const asText = (body) => (typeof body === "string" ? body : JSON.stringify(body));

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

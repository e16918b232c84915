// Body of a recorded request. The journal has a form as an object, which is sent as fields again, and XML as an object
// too, whose text it does not keep.
import { Problem } from "./api.js";
import { t } from "./language.js";

const typeOf = ({ headers }) => (headers["content-type"] ?? "").split(";")[0].trim().toLowerCase();

export const isMultipart = (request) => typeOf(request) === "multipart/form-data";
export const isForm = (request) => isMultipart(request) || typeOf(request) === "application/x-www-form-urlencoded";
export const hasText = (request) => request.body !== null && !/[/+]xml$/.test(typeOf(request));

// Names and texts of the fields; a member of an object is `owner[name]`, as the server reads it.
export function fields(value, name = "") {
  if (Array.isArray(value)) {
    return value.flatMap((part, index) => fields(part, `${name}[${part instanceof Object ? index : ""}]`));
  }
  if (value instanceof Object) {
    return Object.entries(value).flatMap(([key, part]) => fields(part, name ? `${name}[${key}]` : key));
  }
  return [[name, asText(value)]];
}

// What `fetch` sends for a body that was edited as text: fields for a form, whose object is written as JSON.
export function encoded(request, text) {
  if (!isForm(request)) return text;
  const form = isMultipart(request) ? new FormData() : new URLSearchParams();
  for (const [name, value] of fields(parsed(text))) form.append(name, value);
  return form;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Problem(0, t("The fields of a form are JSON here: {reason}", { reason: error.message }));
  }
}

export const asText = (body) => (typeof body === "string" ? body : JSON.stringify(body));

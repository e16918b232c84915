// Values formatted for display in the language of the page.
import { language, t } from "./language.js";

const clock = new Intl.DateTimeFormat(language, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" });
const numbers = new Intl.NumberFormat(language);

export const time = (instant) => clock.format(new Date(instant));
export const dateTime = (instant) => moment.format(new Date(instant));
export const number = (value) => numbers.format(value);
export const duration = (milliseconds) =>
  `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
export const bytes = (size) => t("{size} bytes", { size: number(size) });
export const json = (value) => JSON.stringify(value, null, 2);

// A value as one line for a table cell.
export function short(value, maxLength = 80) {
  if (value === null || value === undefined) return "–";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}

// The CSS class of a status: `success`, `client-error`, `server-error` or `none`.
export function statusClass(status) {
  if (!status) return "none";
  return status < 400 ? "success" : status < 500 ? "client-error" : "server-error";
}

// Values as texts for people.
import { language, t } from "./words.js";

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

// One line for a cell.
export function short(value, longest = 80) {
  if (value === null || value === undefined) return "–";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

// `good`, `refused`, `broken` or `none`: what the colour of a status says.
export function kind(status) {
  if (!status) return "none";
  return status < 400 ? "good" : status < 500 ? "refused" : "broken";
}

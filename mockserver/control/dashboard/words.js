// The language of the page. The English text stands where it is shown; its Portuguese is in `portuguese.js`.
import { PORTUGUESE } from "./portuguese.js";
import { wish } from "./store.js";

export const LANGUAGES = { en: "English", pt: "Português" };
export const language = wish("language") ?? (navigator.language.startsWith("pt") ? "pt" : "en");

// The text with values in the places that name them.
export function t(text, values = {}) {
  const told = language === "pt" ? (PORTUGUESE[text] ?? text) : text;
  return told.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

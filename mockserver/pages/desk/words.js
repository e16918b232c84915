// The language of the page. The English text stands where it is shown; its Portuguese is in `portuguese.js`.
import { PORTUGUESE } from "./portuguese.js";
import { wish } from "./store.js";

export const LANGUAGES = { en: "English", pt: "Português" };
export const language = wish("language") ?? (navigator.language.startsWith("pt") ? "pt" : "en");

// `t("{found} of {all}", { found: 1, all: 2 })`
export function t(text, values = {}) {
  const told = language === "pt" ? (PORTUGUESE[text] ?? text) : text;
  return told.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

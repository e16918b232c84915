// Language of the page. English texts stand where they are shown; `portuguese.js` translates them.
import { PORTUGUESE } from "./portuguese.js";
import { setting } from "./store.js";

export const LANGUAGES = { en: "English", pt: "Português" };
export const language = setting("language") ?? (navigator.language.startsWith("pt") ? "pt" : "en");

// Translates a text and replaces each `{name}` by its value.
export function t(text, values = {}) {
  const translated = language === "pt" ? (PORTUGUESE[text] ?? text) : text;
  return translated.replace(/\{(\w+)\}/g, (placeholder, name) => values[name] ?? placeholder);
}

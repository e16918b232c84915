// Messages to the reader: a notice at the foot of the page, a banner on top, and announcements to screen readers.
import { render } from "./dom.js";

const SHOWN_FOR = 6000; // milliseconds

let timer;

export function notify(text) {
  const place = document.getElementById("notice");
  render(place, text);
  clearTimeout(timer);
  timer = setTimeout(() => render(place), SHOWN_FOR);
}

// Says to screen readers what sighted readers see by themselves.
export function announce(text) {
  render(document.getElementById("announcement"), text);
}

// The banner stays until it is replaced by an empty text.
export function showBanner(text) {
  render(document.getElementById("banner"), text);
}

// Shows a `Problem` of the control API. Any other error is a defect of the page and is thrown again.
export function showError(error) {
  if (error.status === undefined) throw error;
  if (error.isShown) return;
  notify(error.status === 0 ? error.message : `${error.status}: ${error.message}`);
}

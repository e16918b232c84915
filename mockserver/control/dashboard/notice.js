// What has just happened, told for a while at the foot of the page; and what is wrong as long as it is, on top.
import { show } from "./dom.js";

let timer;

export function tell(text) {
  const place = document.getElementById("notice");
  show(place, text);
  clearTimeout(timer);
  timer = setTimeout(() => show(place), 6000);
}

// For those who do not see what has just been opened.
export function say(text) {
  show(document.getElementById("said"), text);
}

export function warn(text) {
  show(document.getElementById("banner"), text);
}

// Tells what a call was refused with; anything else is a fault of the page and goes on.
export function tellProblem(error) {
  if (error.status === undefined) throw error;
  if (error.isTold) return;
  tell(error.status === 0 ? error.message : `${error.status}: ${error.message}`);
}

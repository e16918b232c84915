// Small plots.
import { svg } from "./dom.js";

const WIDTH = 120;
const HEIGHT = 24;

// One bar for each value, the highest as high as the plot.
export function bars(values, label) {
  const highest = Math.max(...values) || 1;
  const step = WIDTH / Math.max(values.length, 20);
  const line = (value, at) =>
    `M${((at + 0.5) * step).toFixed(1)} ${HEIGHT}V${(HEIGHT - Math.max((value / highest) * HEIGHT, value ? 1 : 0)).toFixed(1)}`;
  return svg(
    "svg",
    {
      role: "img",
      "aria-label": label,
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      width: WIDTH,
      height: HEIGHT,
      class: "plot",
    },
    svg("path", { d: values.map(line).join(""), "stroke-width": (step * 0.7).toFixed(1) }),
  );
}

// Does depth help? Labels on a circle, the kernel of each depth, and the margins that it leaves them.
import { brief, dot, explorer, legend, linear, log, panel, tenTo } from "../frame.js";
import { circle, conjugate, label, margin } from "./model.js";

const DEEPEST = 6;
const LEAST = 1e-4; // margin that is drawn
const LABELS = [["1", "one sign change: cos t"], ["2", "even: cos 2t"], ["3", "odd: cos 3t"], ["0", "coin flips"]];
const [CENTRE, RADIUS] = [[110, 104], 92];

const words = (value) => (value === 0 ? "none" : brief(value));

function drawCircle(svg, points, labels) {
  svg.append("circle").attr("class", "rim").attr("cx", CENTRE[0]).attr("cy", CENTRE[1]).attr("r", RADIUS);
  points.forEach((t, i) => {
    const kind = labels[i] > 0 ? "true" : "random hollow";
    dot(svg, CENTRE[0] + RADIUS * Math.cos(t), CENTRE[1] - RADIUS * Math.sin(t), 5, kind);
  });
}

function drawKernels(svg, layers) {
  const plot = panel(svg, {
    top: 218, height: 196, x: linear(0, 180), y: linear(-1, 1), xLabel: "angle between the inputs", yLabel: "kernel of l layers",
    xTicks: [0, 45, 90, 135, 180], xFormat: (value) => `${value}\u00b0`, yTicks: [-1, 0, 1],
  });
  const curve = (l) => Array.from({ length: 61 }, (_, i) => [3 * i, conjugate(l, (3 * i * Math.PI) / 180)]);
  for (let l = 0; l <= DEEPEST; l += 1) if (l !== layers) plot.line(curve(l), "bound thin");
  plot.line(curve(layers), "theory");
}

function drawMargins(svg, gammas, bs, layers) {
  const plot = panel(svg, {
    top: 424, height: 214, x: linear(-0.3, DEEPEST + 0.3), y: log(LEAST, 1), xLabel: "layers", yLabel: "margin of these labels",
    xTicks: [0, 1, 2, 3, 4, 5, 6], yTicks: [1e-4, 1e-3, 1e-2, 0.1, 1], yFormat: tenTo,
  });
  plot.down(layers, "bound dotted");
  for (const [values, first, kind] of [[gammas, 0, "theory"], [bs, 1, "worst hollow"]]) {
    const points = values.map((value, i) => [i + first, value]).filter(([, value]) => value >= LEAST);
    plot.line(points, kind);
    plot.dots(points, kind, 5);
  }
  gammas.forEach((value, l) => value < LEAST && plot.note(l, 1.5 * LEAST, value === 0 ? "none" : "less", "theory", "middle"));
}

const plural = (layers) => `${layers} ${layers === 1 ? "layer" : "layers"}`;

function draw(svg, { kind, half, flips, layers, seed = 1 }) {
  const points = circle(2 * half);
  const labels = label(points, Number(kind), flips, seed);
  const gammas = Array.from({ length: DEEPEST + 1 }, (_, l) => margin("conjugate", l, labels));
  const bs = Array.from({ length: DEEPEST }, (_, l) => margin("lastLayerTangent", l + 1, labels));
  drawCircle(svg, points, labels);
  legend(svg, 226, 40, [["true", "dot", "label +1"], ["random hollow", "dot", "label \u22121"]]);
  legend(svg, 226, 104, [["theory", "line", `margin, l = ${layers}: ${words(gammas[layers])}`], ["worst", "line", `B, L = ${layers || 1}: ${words(bs[(layers || 1) - 1])}`], ["bound thin", "line", "kernels of other depths"]]);
  drawKernels(svg, layers);
  drawMargins(svg, gammas, bs, layers);
  const best = gammas.indexOf(Math.max(...gammas));
  return (
    `${2 * half} points, labels ${LABELS.find(([value]) => value === kind)[1]}, ${flips} turned over. ` +
    `After ${plural(layers)} the margin is ${words(gammas[layers])}; for a net of ${plural(layers || 1)} B is ${words(bs[(layers || 1) - 1])}. ` +
    (gammas[best] > 0 ? `The margin is largest after ${plural(best)}, ${words(gammas[best])}.` : "No depth separates these labels.")
  );
}

explorer("deep_generalization", {
  height: 640,
  inputs: [
    { key: "kind", label: "Labels", type: "select", options: LABELS, value: "3" },
    { key: "half", label: "Points on the circle", type: "range", min: 2, max: 12, value: 8, says: (value) => String(2 * value) },
    { key: "flips", label: "Wrong labels", type: "range", min: 0, max: 4, value: 0, says: String },
    { key: "layers", label: "Layers", type: "range", min: 0, max: DEEPEST, value: 2, says: String },
    { label: "Flip other coins", type: "button", press: (state) => (Object.assign(state, { kind: "0", seed: (state.seed ?? 1) + 1 })) },
  ],
  draw,
});

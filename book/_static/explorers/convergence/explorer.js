// Which labels does gradient descent fit fast? Their energy in the eigenbasis of the kernel, and the loss it predicts.
import { brief, explorer, legend, load, log, panel, tenTo } from "../frame.js";
import { bins, left, loss, mix, stepsTo } from "./model.js";

const data = await load(import.meta.url);
const LAST = 1e5; // step
const LEAST = 1e-5; // share that is drawn
const STEPS = Array.from({ length: 76 }, (_, i) => Math.round(LAST ** (i / 75)));
const EDGES = Array.from({ length: 15 }, (_, i) => 0.02 * (130 / 0.02) ** (i / 14));
const top = data.eigenvalue[0];

const count = (value) => value.toLocaleString("en");
const stepOf = (power) => Math.round(10 ** (power / 10));

function drawLoss(svg, energies, eta, k) {
  const [low, high] = [1e-5, 2];
  const inside = ([, value]) => low <= value && value <= high;
  const plot = panel(svg, {
    top: 0, height: 270, x: log(1, LAST), y: log(low, high), xLabel: "step k", yLabel: "loss \u03a6 / n",
    xTicks: [1, 10, 100, 1e3, 1e4, 1e5], xFormat: tenTo, yTicks: [1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1], yFormat: tenTo,
  });
  for (const kind of ["true", "random"]) {
    plot.dots(data.step.map((step, i) => [step, data.measured[kind][i]]).filter(([step]) => step >= 1), `${kind} hollow`, 3.2);
  }
  plot.line(STEPS.map((step) => [step, loss(data.eigenvalue, energies, eta, step)]).filter(inside), "theory dashed");
  plot.down(k, "bound dotted");
  plot.dots([[k, loss(data.eigenvalue, energies, eta, k)]].filter(inside), "theory", 5);
}

function drawEnergies(svg, energies, eta, k) {
  const plot = panel(svg, {
    top: 356, height: 220, x: log(EDGES[0], EDGES.at(-1)), y: log(LEAST, 1), xLabel: "eigenvalue \u03bb of the kernel",
    yLabel: "share of the labels' energy", xTicks: [0.1, 1, 10, 100], xFormat: tenTo, yTicks: [1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1], yFormat: tenTo,
  });
  for (const [from, to, before, after] of bins(data.eigenvalue, energies, left(data.eigenvalue, energies, eta, k), EDGES)) {
    const box = (share) => [from * 1.06, to / 1.06].map((at) => [at, LEAST, Math.min(1, share)]);
    if (before > LEAST) plot.band(box(before), "bound");
    if (after > LEAST) plot.band(box(after), "theory full");
  }
  if (eta * top < 2) plot.down(Math.max(EDGES[0], Math.min(EDGES.at(-1), 1 / (eta * k))), "bound dotted");
}

function draw(svg, { percent, eta, power }) {
  const [k, energies] = [stepOf(power), mix(data.energy, percent / 100)];
  drawLoss(svg, energies, eta, k);
  legend(svg, 60, 290, [["theory dashed", "line", "predicted, at your mix and \u03b7"], ["true hollow", "dot", "one net, true labels, \u03b7 = 0.0125"], ["random hollow", "dot", "one net, random labels, \u03b7 = 0.0125"]]);
  drawEnergies(svg, energies, eta, k);
  legend(svg, 220, 596, [["bound", "area", "at the start"], ["theory full", "area", `left after ${count(k)} steps`]]);
  const start = `With ${percent} % random labels and \u03b7 = ${eta.toFixed(4)}, \u03b7 times the largest eigenvalue is ${(eta * top).toFixed(2)}`;
  if (eta * top > 2) return `${start}: past 2 the prediction grows without bound.`;
  const steps = stepsTo(0.01, data.eigenvalue, energies, eta);
  return (
    `${start}. After ${count(k)} steps the predicted loss is ${brief(loss(data.eigenvalue, energies, eta, k))}; ` +
    `one per cent of its start is reached after ${steps === null ? "more than ten million" : count(steps)} steps.`
  );
}

explorer("convergence", {
  height: 628,
  inputs: [
    { key: "percent", label: "Random labels", type: "range", min: 0, max: 100, step: 2, value: 0, says: (value) => `${value} %` },
    { key: "eta", label: "Step size \u03b7", type: "range", min: 0.0005, max: 0.018, step: 0.0005, value: 0.0125, says: (value) => value.toFixed(4) },
    { key: "power", label: "Look after step k", type: "range", min: 0, max: 50, value: 10, says: (value) => count(stepOf(value)) },
  ],
  draw,
});

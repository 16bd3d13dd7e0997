// Which half of F does a learner miss? What learners say along a slice, whole or by parity, and their errors as N grows.
import { brief, explorer, legend, linear, load, log, panel, tenTo } from "../frame.js";
import { even, odd, onCircle, part, slope, target } from "./model.js";

const data = await load(import.meta.url);
const [THREE] = data.learners;
const [LEAST, MOST] = [1e-6, 2];
const KINDS = { trained: "trained", linear: "linear, m = 500", infinite: "infinite width" };
const OPTIONS = data.learners.slice(1).map(({ kind, name }, i) => [String(i + 1), name === "Gaussian" ? "Gaussian kernel" : `${name}, ${KINDS[kind]}`]);
const FIRST = String(data.learners.findIndex(({ kind, name }) => kind === "infinite" && name.includes("no biases")));

const count = (value) => value.toLocaleString("en");
const percent = (value) => `${brief(100 * value)} %`;
const inside = ([, value]) => LEAST <= value && value <= MOST;

function drawSlice(svg, learner, at, shown) {
  const deviation = Math.sqrt(data.variance);
  const plot = panel(svg, {
    top: 0, height: 216, x: linear(0, 360), y: linear(-5, 5), xLabel: "angle t along a great circle", yLabel: "over the standard deviation of F",
    xTicks: [0, 90, 180, 270, 360], xFormat: (value) => `${value}\u00b0`, yTicks: [-4, 0, 4],
  });
  const whole = (values) => [...data.degrees, 360].map((degrees, i) => [degrees, values[i % values.length]]);
  const ofTarget = { whole: target, even, odd }[shown];
  const ofLearner = (values) => (shown === "whole" ? values : part(values, shown === "even" ? 1 : -1));
  plot.line(Array.from({ length: 181 }, (_, i) => [2 * i, ofTarget(onCircle((2 * i * Math.PI) / 180)) / deviation]), "bound");
  plot.line(whole(ofLearner(THREE.said[at])), "theory dashed");
  const there = learner.n.indexOf(THREE.n[at]);
  if (there >= 0) plot.line(whole(ofLearner(learner.said[there])), "worst");
}

function drawErrors(svg, learner, n) {
  const plot = panel(svg, {
    top: 262, height: 270, x: log(220, 18000), y: log(LEAST, MOST), xLabel: "training points N", yLabel: "test error / variance of F",
    xTicks: [250, 1000, 4000, 16000], xFormat: count, yTicks: [1e-6, 1e-4, 1e-2, 1], yFormat: tenTo,
  });
  const along = (one, key) => one.n.map((size, i) => [size, one[key][i]]).filter(inside);
  plot.band(THREE.n.map((size, i) => [size, THREE.least[i], THREE.largest[i]]), "bound");
  plot.band(learner.n.map((size, i) => [size, learner.least[i], learner.largest[i]]).filter(inside), "worst");
  plot.across(data.oddShare, "bound dotted");
  plot.line(along(THREE, "error"), "theory");
  for (const [key, kind] of [["even", "true dashed"], ["odd", "random dotted"], ["error", "worst"]]) {
    plot.line(along(learner, key), kind);
    plot.dots(along(learner, key), key === "error" ? kind : `${kind} hollow`, 3.5);
  }
  plot.down(n, "bound dotted");
}

function draw(svg, { chosen, size, shown }) {
  const [learner, n] = [data.learners[chosen], THREE.n[size]];
  const name = OPTIONS.find(([value]) => value === chosen)[1];
  drawSlice(svg, learner, size, shown);
  legend(svg, 60, 236, [["bound", "line", { whole: "F", even: "even part of F", odd: "odd part of F" }[shown]]]);
  legend(svg, 216, 236, [["theory dashed", "line", "3 layers"]]);
  legend(svg, 330, 236, [["worst", "line", "the other"]]);
  drawErrors(svg, learner, n);
  legend(svg, 60, 550, [["theory", "line", "3 layers, trained"], ["worst", "line", name]]);
  legend(svg, 60, 592, [["true dashed", "line", "its error, even part"], ["bound dotted", "line", "variance of the odd part"]]);
  legend(svg, 284, 592, [["random dotted", "line", "odd part"]]);
  const at = learner.n.indexOf(n);
  const told = at < 0 ? `was not run at this size` : `has ${percent(learner.error[at])}: ${percent(learner.even[at])} from the even and ${percent(learner.odd[at])} from the odd part`;
  return (
    `The slice shows ${{ whole: "F and what both say", even: "the even part of each", odd: "the odd part of each" }[shown]}. At N = ${count(n)} three layers, trained, have an error of ${percent(THREE.error[size])} of the variance; ` +
    `"${name}" ${told}. Over all its sizes its error goes like N to the power ${slope(learner.n, learner.error).toFixed(1).replace("-", "\u2212")}.`
  );
}

explorer("three_layer_learning", {
  height: 624,
  inputs: [
    { key: "chosen", label: "Beside three layers", type: "select", options: OPTIONS, value: FIRST },
    { key: "size", label: "Training points N", type: "range", min: 0, max: THREE.n.length - 1, value: 2, says: (value) => count(THREE.n[value]) },
    { key: "shown", label: "Part of the slice", type: "select", options: [["odd", "odd part"], ["even", "even part"], ["whole", "all of it"]], value: "odd" },
  ],
  draw,
});

// Which half of F does a learner miss? A slice of F with its even and odd parts, and the errors on both as N grows.
import { brief, explorer, legend, linear, load, log, panel, tenTo } from "../frame.js";
import { even, odd, onCircle, slope, target } from "./model.js";

const data = await load(import.meta.url);
const [THREE] = data.learners;
const [LEAST, MOST] = [1e-6, 2];
const KINDS = { trained: "trained", linear: "linear, m = 500", infinite: "infinite width" };
const OPTIONS = data.learners.slice(1).map(({ kind, name }, i) => [String(i + 1), name === "Gaussian" ? "Gaussian kernel" : `${name}, ${KINDS[kind]}`]);
const FIRST = String(data.learners.findIndex(({ kind, name }) => kind === "infinite" && name.includes("no biases")));

const count = (value) => value.toLocaleString("en");
const percent = (value) => `${brief(100 * value)} %`;
const inside = ([, value]) => LEAST <= value && value <= MOST;

function drawSlice(svg, tilt) {
  const deviation = Math.sqrt(data.variance);
  const plot = panel(svg, {
    top: 0, height: 216, x: linear(0, 360), y: linear(-5, 5), xLabel: "angle t along a great circle", yLabel: "F / its standard deviation",
    xTicks: [0, 90, 180, 270, 360], xFormat: (value) => `${value}\u00b0`, yTicks: [-4, 0, 4],
  });
  for (const [part, kind] of [[even, "true dashed"], [odd, "random dotted"], [target, "theory"]]) {
    plot.line(Array.from({ length: 181 }, (_, i) => [2 * i, part(onCircle(tilt, (2 * i * Math.PI) / 180)) / deviation]), kind);
  }
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

function draw(svg, { chosen, size, tilt }) {
  const [learner, n] = [data.learners[chosen], THREE.n[size]];
  const name = OPTIONS.find(([value]) => value === chosen)[1];
  drawSlice(svg, (tilt * Math.PI) / 180);
  legend(svg, 60, 236, [["theory", "line", "F"]]);
  legend(svg, 140, 236, [["true dashed", "line", "its even part"]]);
  legend(svg, 306, 236, [["random dotted", "line", "its odd part"]]);
  drawErrors(svg, learner, n);
  legend(svg, 60, 550, [["theory", "line", "3 layers, trained"], ["worst", "line", name]]);
  legend(svg, 60, 592, [["true dashed", "line", "its error, even part"], ["bound dotted", "line", "variance of the odd part"]]);
  legend(svg, 284, 592, [["random dotted", "line", "odd part"]]);
  const at = learner.n.indexOf(n);
  const told = at < 0 ? `was not run at this size` : `has ${percent(learner.error[at])}: ${percent(learner.even[at])} from the even and ${percent(learner.odd[at])} from the odd part`;
  return (
    `At N = ${count(n)} and a slice tilted by ${tilt} degrees: three layers, trained, have an error of ${percent(THREE.error[size])} of the variance; ` +
    `"${name}" ${told}. Over all its sizes its error goes like N to the power ${slope(learner.n, learner.error).toFixed(1).replace("-", "\u2212")}.`
  );
}

explorer("three_layer_learning", {
  height: 624,
  inputs: [
    { key: "chosen", label: "Beside three layers", type: "select", options: OPTIONS, value: FIRST },
    { key: "size", label: "Training points N", type: "range", min: 0, max: THREE.n.length - 1, value: 2, says: (value) => count(THREE.n[value]) },
    { key: "tilt", label: "Tilt of the slice", type: "range", min: 0, max: 90, step: 5, value: 45, says: (value) => `${value}\u00b0` },
  ],
  draw,
});

// When does the bound say something? The measure of eq. (10) and its remainder, against label noise and sample size.
import { explorer, legend, load, log, panel, tenTo, write } from "../frame.js";
import { bound, emptyFrom, measure, remainder } from "./model.js";

const data = await load(import.meta.url);
const DELTA = 0.1;
const NAMES = { mnist: "MNIST, 0 and 1", cifar10: "CIFAR-10, airplane and automobile" };
const SIZES = data.rows.mnist.map(([n]) => n);
const NOISE = [0, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 2, 3, 5, 7, 10, 20, 30, 50, 70, 100]; // per cent
const ZERO = 0.0004; // where no noise is drawn on a logarithmic axis
const PORTIONS = [0, ...Array.from({ length: 91 }, (_, i) => 10 ** (i / 30 - 3))];
const [LOW, HIGH] = [0.02, 20];

const count = (value) => value.toLocaleString("en");
const percent = (value) => `${(100 * value).toFixed(value > 0 && value < 0.01 ? 1 : 0)} %`;
const at = (portion) => Math.max(portion, ZERO);
const inside = ([, value]) => LOW <= value && value <= HIGH;

function emptyGround(plot, from, to) {
  plot.band([[from, 1, HIGH], [to, 1, HIGH]], "random");
  plot.across(1, "random");
}

function drawNoise(svg, row, kind, p) {
  const plot = panel(svg, {
    top: 0, height: 264, x: log(ZERO, 1), y: log(LOW, HIGH), xLabel: "portion of random labels p", yLabel: `at n = ${count(row[0])}`,
    xTicks: [ZERO, 0.001, 0.01, 0.1, 1], xFormat: (value) => (value === ZERO ? "0" : percent(value)), yTicks: [0.1, 1, 10], yFormat: tenTo,
  });
  emptyGround(plot, ZERO, 1);
  write(svg, plot.right - 6, 44, "empty: 1 or more", "end", "random");
  plot.line(PORTIONS.map((portion) => [at(portion), measure(row, portion)]), "theory dashed");
  plot.line(PORTIONS.map((portion) => [at(portion), bound(row, portion, DELTA)]), "worst");
  if (row[0] === data.trained) {
    plot.dots(data.portion.map((portion, i) => [at(portion), data.errors[kind].error[i]]).filter(inside), "true", 4);
    plot.dots(data.portion.map((portion, i) => [at(portion), data.errors[kind].ramp[i]]).filter(inside), "true hollow", 4);
  }
  plot.down(at(p), "bound dotted");
  plot.dots([[at(p), bound(row, p, DELTA)]], "worst", 5);
}

function drawSizes(svg, rows, row, p) {
  const plot = panel(svg, {
    top: 374, height: 230, x: log(80, 12500), y: log(LOW, HIGH), xLabel: "training images n", yLabel: `at p = ${percent(p)}`,
    xTicks: [100, 1000, 10000], xFormat: count, yTicks: [0.1, 1, 10], yFormat: tenTo,
  });
  emptyGround(plot, 80, 12500);
  plot.line(rows.map((one) => [one[0], measure(one, p)]), "theory dashed");
  plot.line(rows.map((one) => [one[0], remainder(one, DELTA)]), "bound dashed");
  plot.line(rows.map((one) => [one[0], bound(one, p, DELTA)]), "worst");
  plot.down(row[0], "bound dotted");
  plot.dots([[row[0], bound(row, p, DELTA)]], "worst", 5);
}

function draw(svg, { kind, size, noise }) {
  const [rows, p] = [data.rows[kind], NOISE[noise] / 100];
  const row = rows[size];
  drawNoise(svg, row, kind, p);
  legend(svg, 20, 284, [["worst", "line", "bound"], ["theory dashed", "line", "its measure, eq. (10)"], ["bound dashed", "line", "its remainder"]]);
  if (row[0] === data.trained) legend(svg, 240, 284, [["true", "dot", "test error of nets"], ["true hollow", "dot", "their ramp loss"]]);
  drawSizes(svg, rows, row, p);
  const [total, from] = [bound(row, p, DELTA), emptyFrom(row, DELTA)];
  const where = from === 0 ? "At this n it is empty at every portion of random labels" : from === null ? "At this n it is never empty" : `At this n it becomes empty at ${percent(from)} noise`;
  return (
    `${NAMES[kind]}, ${count(row[0])} images, ${percent(p)} random labels: the bound is ${total.toFixed(2)}, ` +
    `${measure(row, p).toFixed(2)} from the measure and ${remainder(row, DELTA).toFixed(2)} from the remainder` +
    `${total >= 1 ? ", so it says nothing" : ""}. ${where}.`
  );
}

explorer("generalization", {
  height: 606,
  inputs: [
    { key: "kind", label: "Images", type: "select", options: Object.entries(NAMES), value: "mnist" },
    { key: "size", label: "Training images n", type: "range", min: 0, max: SIZES.length - 1, value: SIZES.indexOf(data.trained), says: (value) => count(SIZES[value]) },
    { key: "noise", label: "Random labels p", type: "range", min: 0, max: NOISE.length - 1, value: 0, says: (value) => `${NOISE[value]} %` },
  ],
  draw,
});

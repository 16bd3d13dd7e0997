// What can a net without biases learn of XOR? One is trained here, in the plane or lifted: its regions, gates, distance.
import { contours } from "../../vendor/d3/d3.js";
import { dot, explorer, legend, linear, log, panel, tenTo, write } from "../frame.js";
import { drawDiscs, drawNet, inputsOf, outputs, probe, step } from "./model.js";

const [EACH, LAST, RATE] = [25, 2000, 10]; // points of a disc, steps, m eta
const [LEFT, SIDE, LOW, HIGH, CELLS] = [60, 400, -0.7, 2.7, 34]; // of the map: place, size, range, cells
const BUDGET = 5; // milliseconds of a frame for training
const MOST = 2.5; // that the lower panel shows
const COLOURS = ["true", "random"];
const calm = matchMedia("(prefers-reduced-motion: reduce)");

let run = null;

function begin(state) {
  const lifted = state.space === "lifted";
  const { points, classes } = drawDiscs(state.seed ?? 1, EACH, state.radius);
  const { weights, outer } = drawNet((state.seed ?? 1) + 1000, lifted ? 3 : 2, state.width);
  run = { lifted, points, classes, x: inputsOf(points, lifted), start: weights, weights, outer, step: 0, seen: [] };
  state.running = false;
  look();
}

function look() {
  run.now = probe(run.weights, run.start, run.outer, run.x, run.classes);
  run.seen.push({ step: run.step, ...run.now });
}

/** Some steps a frame, slowly at first and never more than it has time for. Who wants no motion sees the end only. */
function advance(state, redraw, mine = run) {
  if (!state.running || mine !== run) return;
  const [begun, until] = [performance.now(), Math.min(LAST, run.step + 1 + Math.min(7, Math.floor(run.step / 10)))];
  do {
    run.weights = step(run.weights, run.outer, run.x, run.classes, RATE / state.width);
    run.step += 1;
  } while (run.step < until && performance.now() - begun < BUDGET);
  look();
  state.running = run.step < LAST;
  if (!calm.matches || !state.running) redraw();
  const next = () => advance(state, redraw, mine);
  requestAnimationFrame(() => requestAnimationFrame(next)); // training and drawing take turns at frames
}

function drawMap(svg) {
  const values = [];
  for (let row = 0; row <= CELLS; row += 1) {
    for (let column = 0; column <= CELLS; column += 1) {
      const point = [column, row].map((at) => LOW + ((HIGH - LOW) * at) / CELLS);
      const [zero, one] = outputs(run.weights, run.outer, run.lifted ? [...point, 1] : point);
      values.push(one - zero);
    }
  }
  const at = (value) => (SIDE * (value - LOW)) / (HIGH - LOW);
  const cell = (index) => (SIDE * Math.min(CELLS, Math.max(0, index - 0.5))) / CELLS;
  const corner = ([a, b]) => `${(LEFT + cell(a)).toFixed(1)},${(SIDE + 4 - cell(b)).toFixed(1)}`;
  const ring = (points) => `M${points.map(corner).join("L")}Z`;
  const [one] = contours().size([CELLS + 1, CELLS + 1]).thresholds([0])(values);
  svg.append("path").attr("class", "area true").attr("d", `M${LEFT},4h${SIDE}v${SIDE}h${-SIDE}Z`);
  const cover = svg.append("path").attr("class", "cover").attr("fill-rule", "evenodd");
  const region = svg.append("path").attr("class", "area random").attr("fill-rule", "evenodd");
  for (const path of [cover, region]) path.attr("d", one.coordinates.flat().map(ring).join(""));
  svg.append("path").attr("class", "rim").attr("d", `M${LEFT},4h${SIDE}v${SIDE}h${-SIDE}Z`);
  run.points.forEach(([a, b], s) => dot(svg, LEFT + at(a), SIDE + 4 - at(b), 3, `${COLOURS[run.classes[s]]}${run.classes[s] ? " hollow" : ""}`));
  for (const [a, b] of [[0, 0], [0, 2], [2, 0]]) write(svg, LEFT + at(a), SIDE + 4 - at(b - 0.62), `(${a}, ${b})`, "middle", "muted");
}

function drawPath(svg) {
  const plot = panel(svg, {
    top: 454, height: 220, x: log(1, LAST), y: linear(0, MOST), xLabel: "step", yLabel: "share, or distance over initial length", xTicks: [1, 10, 100, 1000], xFormat: tenTo, yTicks: [0, 1, 2],
  });
  for (const [key, kind] of [["accuracy", "theory"], ["flipped", "worst"], ["distance", "bound dashed"]]) {
    const points = run.seen.filter((seen) => seen.step >= 1).map((seen) => [seen.step, Math.min(MOST, seen[key])]);
    if (points.length) plot.line(points, kind);
    plot.dots([[Math.max(1, run.step), Math.min(MOST, run.now[key])]], kind, 4);
  }
}

function draw(svg, state) {
  if (!run) begin(state);
  const { accuracy, flipped, distance } = run.now;
  drawMap(svg);
  legend(svg, 60, 424, [["theory", "line", "accuracy"]]);
  legend(svg, 178, 424, [["worst", "line", "gates flipped"]]);
  legend(svg, 324, 424, [["bound dashed", "line", "distance"]]);
  drawPath(svg);
  const share = (value) => `${(100 * value).toFixed(0)} %`;
  return (
    `${run.lifted ? "Lifted" : "In the plane"}, ${state.width} neurons, discs of radius ${state.radius}: after ${run.step} ${run.step === 1 ? "step" : "steps"} ${share(accuracy)} of the points are right, ` +
    `${share(flipped)} of the gates have flipped, and the weights have moved ${share(distance)} of their initial length.`
  );
}

explorer("clustered_data", {
  height: 676,
  inputs: [
    { key: "space", label: "The net sees", type: "select", options: [["plane", "the plane, x"], ["lifted", "lifted, (x, 1) / |(x, 1)|"]], value: "plane", changed: begin },
    { key: "width", label: "Neurons m", type: "range", min: 20, max: 200, step: 20, value: 100, says: String, changed: begin },
    { key: "radius", label: "Radius of the discs", type: "range", min: 0.05, max: 0.5, step: 0.05, value: 0.3, says: (value) => value.toFixed(2), changed: begin },
    {
      label: (state) => (state.running ? "Pause" : "Train"), type: "button",
      press(state, redraw) {
        if (run.step >= LAST) begin(state);
        state.running = !state.running;
        advance(state, redraw);
      },
    },
    { label: "Draw another start", type: "button", press: (state) => ((state.seed = (state.seed ?? 1) + 1), begin(state)) },
  ],
  draw,
});

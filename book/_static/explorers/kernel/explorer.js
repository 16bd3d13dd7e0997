// Are two inputs alike to a random layer? Their common gates, and the entry of H as neurons are added.
import { dot, explorer, legend, linear, log, panel, write } from "../frame.js";
import { countGates, drawNeurons, entries, kind, limit, spread } from "./model.js";

const [CENTRE, RADIUS] = [[135, 138], 118];
const MOST = 2 ** 14; // neurons
const SHOWN = 300; // of them, in the plane
const FIRST = 2; // seed
const LENGTH = 3.2; // at the rim of the plane

let net = { seed: 0, neurons: [] };

function place([a, b]) {
  return [CENTRE[0] + (RADIUS / LENGTH) * a, CENTRE[1] - (RADIUS / LENGTH) * b];
}

function drawPlane(svg, theta, neurons) {
  const on = (angle, r) => [CENTRE[0] + r * Math.cos(angle), CENTRE[1] - r * Math.sin(angle)];
  const [[ax, ay], [bx, by]] = [on(Math.PI / 2, RADIUS), on(theta - Math.PI / 2, RADIUS)];
  const wedge = `M${CENTRE}L${ax},${ay}A${RADIUS},${RADIUS},0,0,1,${bx},${by}Z`;
  svg.append("circle").attr("class", "rim").attr("cx", CENTRE[0]).attr("cy", CENTRE[1]).attr("r", RADIUS);
  svg.append("path").attr("class", "area true").attr("d", wedge);
  const marks = { both: ["true", 3], first: ["ring", 2.5], second: ["ring", 2.5], neither: ["faint", 1.6] };
  for (const w of neurons.slice(0, SHOWN)) {
    if (Math.hypot(...w) < LENGTH) dot(svg, ...place(w), marks[kind(w, theta)][1], marks[kind(w, theta)][0]);
  }
  for (const [angle, name] of [[0, "x\u2081"], [theta, "x\u2082"]]) {
    const [x, y] = on(angle, RADIUS);
    svg.append("path").attr("class", "line worst").attr("d", `M${CENTRE}L${x.toFixed(1)},${y.toFixed(1)}`);
    dot(svg, x, y, 8, "worst");
    write(svg, ...on(angle + 0.14, RADIUS - 22), name, "middle", "worst strong");
  }
  dot(svg, ...on(theta, RADIUS), 24, "grip");
}

function drawWidths(svg, theta, m, values) {
  const plot = panel(svg, {
    top: 290, height: 220, x: log(1, MOST), y: linear(-0.3, 0.7), xLabel: "neurons m",
    yLabel: "cos \u03b8 \u00b7 share of gates open for both", xTicks: [1, 10, 100, 1000, 10000], xFormat: (value) => value.toLocaleString("en"),
  });
  const grid = [...new Set(Array.from({ length: 141 }, (_, index) => Math.round(MOST ** (index / 140))))];
  const clip = (value) => Math.min(0.7, Math.max(-0.3, value));
  const h = limit(theta);
  plot.band(grid.map((at) => [at, clip(h - 2 * spread(theta, at)), clip(h + 2 * spread(theta, at))]), "bound");
  plot.across(h, "theory dashed");
  plot.line(grid.filter((at) => at <= m).map((at) => [at, clip(values[at - 1])]), "true");
  plot.dots([[m, clip(values[m - 1])]], "true", 5);
}

function draw(svg, { degrees, power, seed }) {
  if (net.seed !== seed) net = { seed, neurons: drawNeurons(seed, MOST) };
  const [theta, m] = [(degrees * Math.PI) / 180, 2 ** power];
  const neurons = net.neurons.slice(0, m);
  const [count, values] = [countGates(neurons, theta), entries(neurons, theta)];
  drawPlane(svg, theta, neurons);
  legend(svg, 285, 34, [
    ["true", "dot", `open for both: ${count.both}`],
    ["ring", "dot", `for one: ${count.first + count.second}`],
    ["faint", "dot", `for neither: ${count.neither}`],
  ]);
  legend(svg, 285, 130, [["true", "line", `one net: ${values[m - 1].toFixed(4)}`], ["theory dashed", "line", `limit: ${limit(theta).toFixed(4)}`], ["bound", "area", "limit \u00b1 2 deviations"]]);
  if (m > SHOWN) write(svg, 285, 220, `(first ${SHOWN} neurons drawn)`, "start", "muted");
  drawWidths(svg, theta, m, values);
  return (
    `At ${degrees} degrees ${count.both} of ${m} gates are open for both inputs. This net's entry is ${values[m - 1].toFixed(4)}, ` +
    `the limit ${limit(theta).toFixed(4)}; the standard deviation over nets of this width is ${spread(theta, m).toFixed(4)}.`
  );
}

explorer("kernel", {
  height: 512,
  inputs: [
    { key: "degrees", label: "Angle between the inputs", type: "range", min: 0, max: 180, value: 60, says: (value) => `${value}\u00b0` },
    { key: "power", label: "Neurons m", type: "range", min: 0, max: 14, value: 7, says: (value) => String(2 ** value) },
    { key: "seed", label: "Draw other neurons", type: "button", press: (state) => (state.seed = (state.seed ?? FIRST) + 1) },
  ],
  draw: (svg, state) => draw(svg, { seed: FIRST, ...state }),
  drag([x, y], state, redraw) {
    state.degrees = Math.round((Math.abs(Math.atan2(CENTRE[1] - y, x - CENTRE[0])) * 180) / Math.PI);
    redraw();
  },
});

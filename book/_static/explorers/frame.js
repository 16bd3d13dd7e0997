// What all explorers share: native inputs, one drawing, and one sentence that says the numbers in it.
import { area, axisBottom, axisLeft, line, scaleLinear, scaleLog, select } from "../vendor/d3/d3.js";

export const WIDTH = 480; // of every drawing, in its own units; type of 15 is then 11 pixels on a phone
const ABOVE = 4; // the highest line of type lies at the edge, and some fonts are taller than others

const SETTLE = 250; // milliseconds between two announcements

/** Fill the figures of one explorer.
 *
 * inputs: a list of {key, label, type: "range" | "select" | "button", ...}. A range has min, max, step, value and
 * says(value), its value in words; a select has options [value, text] and value; a button has press(state).
 * draw(svg, state, redraw): draws into an empty svg and returns the sentence. */
export function explorer(name, { height, inputs, draw, drag }) {
  for (const figure of document.querySelectorAll(`figure.explorer[data-explorer="${name}"]`)) {
    mount(select(figure), { name, height, inputs, draw, drag });
  }
}

function mount(figure, { name, height, inputs, draw, drag }) {
  const state = Object.fromEntries(inputs.filter((input) => input.type !== "button").map(({ key, value }) => [key, value]));
  const stage = figure.select(".explorer-stage");
  const form = figure.insert("form", ".explorer-stage").attr("class", "explorer-inputs");
  const svg = stage.html("").append("svg").attr("viewBox", `0 ${-ABOVE} ${WIDTH} ${height + ABOVE}`).attr("role", "img");
  const says = stage.append("p").attr("class", "explorer-says").attr("role", "status").attr("aria-live", "polite");
  figure.select(".explorer-still").remove();
  let frame = 0;
  let timer = 0;
  let sentence = "";

  function paint() {
    frame = 0;
    svg.selectAll("*").remove();
    sentence = draw(svg, state, redraw);
    svg.attr("aria-label", sentence);
    figure.classed("explorer-runs", Boolean(state.running));
    says.attr("aria-busy", String(Boolean(state.running))); // while a net trains, nothing is read out
    timer ||= setTimeout(say, SETTLE);
  }

  function say() {
    timer = 0;
    says.text(sentence);
  }

  function update() {
    shown.forEach((one) => one());
  }

  function redraw() {
    frame ||= requestAnimationFrame(paint);
  }

  form.on("submit", (event) => event.preventDefault());
  const shown = inputs.map((input, index) => add(form, `explorer-${name}-${index}`, input, state, redraw, update));
  if (drag) follow(svg, (point) => drag(point, state, () => (update(), redraw())));
  paint();
  clearTimeout(timer);
  say();
}

/** Add one input with its label; return what brings it up to date with the state. */
function add(form, id, input, state, redraw, updateAll) {
  if (input.type === "button") {
    if (form.select(".explorer-buttons").empty()) form.append("div").attr("class", "explorer-buttons");
    const button = form.select(".explorer-buttons").append("button").attr("type", "button");
    button.on("click", () => (input.press(state, redraw), updateAll(), redraw()));
    const name = () => button.text(typeof input.label === "function" ? input.label(state) : input.label);
    name();
    return name;
  }
  const row = form.append("div").attr("class", "explorer-input");
  row.append("label").attr("for", id).text(input.label);
  if (input.type === "select") {
    const list = row.append("select").attr("id", id);
    list.selectAll("option").data(input.options).join("option").attr("value", ([value]) => value).text(([, text]) => text);
    list.property("value", state[input.key]);
    list.on("change", () => ((state[input.key] = list.property("value")), input.changed?.(state), redraw()));
    return () => list.property("value", state[input.key]);
  }
  const range = row.append("input").attr("type", "range").attr("id", id);
  range.attr("min", input.min).attr("max", input.max).attr("step", input.step ?? 1).attr("autocomplete", "off");
  const words = row.append("output").attr("for", id).attr("aria-live", "off");
  const update = () => {
    range.property("value", state[input.key]).attr("aria-valuetext", input.says(state[input.key]));
    words.text(input.says(state[input.key]));
  };
  range.on("input", () => ((state[input.key] = Number(range.property("value"))), input.changed?.(state), update(), redraw()));
  update();
  return update;
}

/** Follow a pointer that took hold of the grip, in the units of the drawing. */
function follow(svg, moved) {
  let held = false;
  const move = (event) => {
    if (!held) return;
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.node().getScreenCTM().inverse());
    moved([x, y]);
  };
  svg.on("pointerdown", (event) => {
    held = event.target.classList.contains("grip");
    if (held) svg.node().setPointerCapture(event.pointerId); // the grip itself is drawn anew at each move
    move(event);
  });
  svg.on("pointermove", move);
  svg.on("pointerup pointercancel", () => (held = false));
}

export const linear = (from, to) => scaleLinear().domain([from, to]);
export const log = (from, to) => scaleLog().domain([from, to]);

/** Axes with their labels; returns the scales, and pens that draw in the classes of explorers.css. */
export function panel(svg, { top, height, x, y, xLabel, yLabel, xTicks = 5, yTicks = 4, xFormat, yFormat }) {
  const [left, right, bottom, above] = [56, WIDTH - 24, top + height - 46, top + 26];
  x.range([left, right]);
  y.range([bottom, above]);
  const axes = svg.append("g").attr("class", "axes");
  const below = axisBottom(x).ticks(xTicks, xFormat).tickSizeOuter(0);
  const beside = axisLeft(y).ticks(yTicks, yFormat).tickSizeOuter(0);
  if (Array.isArray(xTicks)) below.tickValues(xTicks).tickFormat(xFormat ?? String);
  if (Array.isArray(yTicks)) beside.tickValues(yTicks).tickFormat(yFormat ?? ((value) => String(value).replace("-", "\u2212")));
  for (const [axis, move] of [[below, `translate(0,${bottom})`], [beside, `translate(${left},0)`]]) {
    axes.append("g").attr("transform", move).call(axis).attr("font-size", null).attr("font-family", null);
  }
  write(axes, (left + right) / 2, top + height - 8, xLabel, "middle");
  write(axes, 2, top + 12, yLabel);
  const marks = svg.append("g");
  const curve = line(([a]) => x(a), ([, b]) => y(b));
  return {
    x,
    y,
    left,
    right,
    line: (points, kind) => marks.append("path").attr("class", `line ${kind}`).attr("d", rounded(curve(points))),
    dots: (points, kind, radius = 4) =>
      points.forEach(([a, b]) => dot(marks, x(a), y(b), radius, kind)),
    band: (points, kind) =>
      marks.append("path").attr("class", `area ${kind}`).attr("d", rounded(area(([a]) => x(a), ([, b]) => y(b), ([, , c]) => y(c))(points))),
    across: (value, kind) => marks.append("path").attr("class", `line ${kind}`).attr("d", `M${left},${y(value)}H${right}`),
    down: (value, kind) => marks.append("path").attr("class", `line ${kind}`).attr("d", rounded(`M${x(value)},${above}V${bottom}`)),
    note: (a, b, text, kind = "", anchor = "start") => write(marks, x(a), y(b), text, anchor, kind),
  };
}

export function dot(parent, x, y, radius, kind) {
  return parent.append("circle").attr("class", `dot ${kind}`).attr("cx", x.toFixed(1)).attr("cy", y.toFixed(1)).attr("r", radius);
}

export function write(parent, x, y, text, anchor = "start", kind = "") {
  const words = parent.append("text").attr("class", kind || null).attr("x", x.toFixed(1)).attr("y", y.toFixed(1)).attr("text-anchor", anchor);
  return words.text(text);
}

/** Entries of a legend, one below the other: [kind, "line" | "dot" | "area", text]. */
export function legend(svg, x, y, entries) {
  entries.forEach(([kind, mark, text], row) => {
    const at = y + 21 * row;
    if (mark === "line") svg.append("path").attr("class", `line ${kind}`).attr("d", `M${x},${at}h22`);
    else if (mark === "area") svg.append("path").attr("class", `area ${kind}`).attr("d", `M${x},${at - 6}h22v12h-22z`);
    else dot(svg, x + 11, at, 4.5, kind);
    write(svg, x + 29, at + 5, text);
  });
}

/** Numbers of a path to a tenth of a unit: what the eye can see, and no more bytes. */
const rounded = (path) => path && path.replace(/-?\d+\.\d+/g, (number) => String(Math.round(10 * number) / 10));

const RAISED = { "-": "\u207b", 0: "\u2070", 1: "\u00b9", 2: "\u00b2", 3: "\u00b3" };
const raised = (exponent) => [...String(exponent)].map((digit) => RAISED[digit] ?? String.fromCharCode(0x2070 + Number(digit))).join("");

/** A power of ten, for an axis. */
export function tenTo(value) {
  const exponent = Math.round(Math.log10(value));
  return exponent === 0 || exponent === 1 ? String(10 ** exponent) : `10${raised(exponent)}`;
}

/** A positive number to two digits, in a sentence. */
export function brief(value) {
  if (value >= 1e-5) return String(Number(value.toPrecision(2)));
  const [digits, exponent] = value.toExponential(0).split("e");
  return `${digits}\u00b710${raised(Number(exponent))}`;
}

/** The data beside a module. */
export async function load(module, file = "data.json") {
  return (await fetch(new URL(file, module))).json();
}

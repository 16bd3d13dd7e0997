// The two-layer classifier f_i(x) = sum_r a_ir relu(w_r.x) of two classes, trained on the softmax cross-entropy, first
// layer only. Weights lie flat, neuron by neuron: w_r in `weights` (m d), a_r in `outer` (m 2); a point is a list.
import { drawNeurons, mulberry32 } from "../kernel/model.js";

/** w_r.x, for the neuron that begins at `from`. */
function times(weights, from, x) {
  let sum = 0;
  for (let i = 0; i < x.length; i += 1) sum += weights[from + i] * x[i];
  return sum;
}

/** Outputs [f_0(x), f_1(x)]. */
export function outputs(weights, outer, x) {
  let [f0, f1] = [0, 0];
  for (let r = 0, from = 0; from < weights.length; r += 2, from += x.length) {
    const hidden = times(weights, from, x);
    if (hidden > 0) {
      f0 += outer[r] * hidden;
      f1 += outer[r + 1] * hidden;
    }
  }
  return [f0, f1];
}

/** One full step: w_r -= (eta / n) sum_s sum_i a_ir (o_i - 1{i = y_s}) 1{w_r.x_s >= 0} x_s. */
export function step(weights, outer, x, classes, eta) {
  const next = weights.slice();
  x.forEach((point, s) => {
    const [f0, f1] = outputs(weights, outer, point);
    const pull = (-eta / x.length) * (1 / (1 + Math.exp(f0 - f1)) - classes[s]); // of o_1; that of o_0 is its negative
    for (let r = 0, from = 0; from < weights.length; r += 2, from += point.length) {
      if (times(weights, from, point) < 0) continue;
      const size = pull * (outer[r + 1] - outer[r]);
      for (let i = 0; i < point.length; i += 1) next[from + i] += size * point[i];
    }
  });
  return next;
}

export function train(weights, outer, x, classes, eta, steps) {
  let now = weights;
  for (let k = 0; k < steps; k += 1) now = step(now, outer, x, classes, eta);
  return now;
}

/** Accuracy, share of gates that differ from the start, and |W - W(0)| / |W(0)|. */
export function probe(weights, start, outer, x, classes) {
  const [d, m] = [x[0].length, outer.length / 2];
  let [right, flipped, moved, length] = [0, 0, 0, 0];
  x.forEach((point, s) => {
    const [f0, f1] = outputs(weights, outer, point);
    right += Number(f1 > f0) === classes[s] ? 1 : 0;
    for (let from = 0; from < weights.length; from += d) {
      flipped += times(weights, from, point) >= 0 !== times(start, from, point) >= 0 ? 1 : 0;
    }
  });
  for (let i = 0; i < start.length; i += 1) {
    moved += (weights[i] - start[i]) ** 2;
    length += start[i] ** 2;
  }
  return { accuracy: right / x.length, flipped: flipped / (x.length * m), distance: Math.sqrt(moved / length) };
}

/** Points of the plane as the net sees them: as they are, or (x, 1) / |(x, 1)|. */
export function inputsOf(points, lifted) {
  if (!lifted) return points;
  return points.map(([a, b]) => [a, b, 1].map((value) => value / Math.hypot(a, b, 1)));
}

/** XOR data: points of four discs, (0,0) and (2,2) of class 0, (0,2) and (2,0) of class 1. */
export function drawDiscs(seed, each, radius) {
  const uniform = mulberry32(seed);
  const centres = [[0, 0], [2, 2], [0, 2], [2, 0]];
  const points = centres.flatMap(([a, b]) =>
    Array.from({ length: each }, () => {
      const [r, angle] = [radius * Math.sqrt(uniform()), 2 * Math.PI * uniform()];
      return [a + r * Math.cos(angle), b + r * Math.sin(angle)];
    }),
  );
  return { points, classes: points.map((_, s) => (s < 2 * each ? 0 : 1)) };
}

/** A start after (A3): w_r ~ N(0, I / m), a_r ~ N(0, I). */
export function drawNet(seed, d, m) {
  const numbers = drawNeurons(seed, 3 * m).flat(); // at least m d + 2 m of them
  const weights = numbers.slice(0, m * d).map((value) => value / Math.sqrt(m));
  return { weights, outer: numbers.slice(m * d, m * d + 2 * m) };
}

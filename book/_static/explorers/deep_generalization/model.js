// Kernels of ReLU nets of infinite width on the circle, and margins without intercept: distances of hulls from 0.
import { mulberry32 } from "../kernel/model.js";

/** Angle between the outputs of one layer: its cosine is (sin t + (pi - t) cos t) / pi, kept exact for small angles. */
export function layerAngle(angle) {
  const small = (angle ** 3 / 3) * (1 - (angle ** 2 / 10) * (1 - angle ** 2 / 28)); // sin t - t cos t
  const cubic = angle < 0.02 ? small : Math.sin(angle) - angle * Math.cos(angle);
  const gap = 2 * Math.sin(angle / 2) ** 2 - cubic / Math.PI;
  return 2 * Math.asin(Math.sqrt(Math.min(1, Math.max(0, gap / 2))));
}

/** Angle after l layers. */
export function angleAfter(layers, angle) {
  let now = angle;
  for (let l = 0; l < layers; l += 1) now = layerAngle(now);
  return now;
}

/** Conjugate kernel of l layers with lengths kept, 2^l kappa^(l), of unit inputs at an angle. */
export const conjugate = (layers, angle) => Math.cos(angleAfter(layers, angle));

/** Inner product of the gradients by the last of L layers, over m: cos(t) (pi - t) / 2 pi at the angle after L - 1. */
export function lastLayerTangent(layers, angle) {
  const before = angleAfter(layers - 1, angle);
  return (Math.cos(before) * (Math.PI - before)) / (2 * Math.PI);
}

/** Angle between two directions, in [0, pi]. */
export function between(s, t) {
  const difference = Math.abs(s - t) % (2 * Math.PI);
  return Math.min(difference, 2 * Math.PI - difference);
}

/** n points spread evenly over the circle, for even n in antipodal pairs. */
export const circle = (n) => Array.from({ length: n }, (_, i) => ((i + 0.3) * 2 * Math.PI) / n);

/** Labels sign(cos(q t)), or coin flips for q = 0; then some of them turned over. */
export function label(points, q, flips, seed) {
  const uniform = mulberry32(seed);
  const labels = points.map((t) => (q === 0 ? uniform() < 0.5 : Math.cos(q * t) < 0) ? -1 : 1);
  const order = points.map((_, i) => [mulberry32(100 + i)(), i]).sort(([a], [b]) => a - b);
  for (const [, i] of order.slice(0, flips)) labels[i] *= -1;
  return labels;
}

/** Margin of a labelled circle in a kernel of the angle, which n angles then decide; 0 where there is none. */
export function margin(kernel, layers, labels) {
  const of = { conjugate, lastLayerTangent }[kernel];
  const points = circle(labels.length);
  const table = points.map((t) => of(layers, between(points[0], t)));
  return hullDistance(labels.map((a, i) => labels.map((b, j) => a * b * table[Math.abs(i - j)])));
}

/** Distance from 0 of the hull of points with these inner products, by the algorithm of Wolfe (1976). */
export function hullDistance(gram) {
  const n = gram.length;
  const scale = Math.max(...gram.map((row, i) => row[i]));
  let weights = new Array(n).fill(0); // of the nearest point so far
  weights[gram.findIndex((row, i) => row[i] === Math.min(...gram.map((other, j) => other[j])))] = 1;
  for (let round = 0; round < 20 * n; round += 1) {
    const pulled = gram.map((row) => row.reduce((sum, value, j) => sum + value * weights[j], 0));
    const square = pulled.reduce((sum, value, j) => sum + value * weights[j], 0);
    if (square <= n * 1e-15 * scale) return 0;
    const next = pulled.indexOf(Math.min(...pulled));
    if (weights[next] > 0 || pulled[next] >= square * (1 - 1e-10)) return Math.sqrt(square);
    let chosen = weights.flatMap((weight, i) => (weight > 0 ? [i] : [])).concat(next);
    for (;;) {
      const flat = nearestOfFlat(chosen.map((i) => chosen.map((j) => gram[i][j])));
      const reach = chosen.map((i, at) => (flat[at] > 0 ? 1 : weights[i] / (weights[i] - flat[at])));
      const part = Math.min(1, ...reach); // of the way to the nearest point of the flat, as far as weights stay >= 0
      const moved = new Array(n).fill(0);
      chosen.forEach((i, at) => (moved[i] = reach[at] > part || part === 1 ? weights[i] + part * (flat[at] - weights[i]) : 0));
      weights = moved;
      if (part === 1) break;
      chosen = chosen.filter((i) => weights[i] > 0);
    }
  }
  return 0;
}

/** Weights, of sum 1, of the point nearest to 0 in the flat through points: (1 1' + G) u = 1, then u / sum u. */
function nearestOfFlat(gram) {
  const n = gram.length;
  const rows = gram.map((row) => [...row.map((value) => value + 1), 1]);
  for (let k = 0; k < n; k += 1) {
    for (let i = k + 1; i < n; i += 1) {
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j <= n; j += 1) rows[i][j] -= factor * rows[k][j];
    }
  }
  const u = new Array(n);
  for (let k = n - 1; k >= 0; k -= 1) {
    u[k] = rows[k][n];
    for (let j = k + 1; j < n; j += 1) u[k] -= rows[k][j] * u[j];
    u[k] /= rows[k][k];
  }
  const sum = u.reduce((total, value) => total + value, 0);
  return u.map((value) => value / sum);
}

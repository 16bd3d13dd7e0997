// The target of figure 1, its even and odd parts, those of what a learner says, and a great circle of the unit sphere in R^4.

const sines = ([a, b, c]) => Math.sin(3 * a) + Math.sin(3 * b) + Math.sin(3 * c);

/** F(x) = (sin 3 x_1 + sin 3 x_2 + sin 3 x_3 - 2)^2 cos 7 x_4. */
export const target = (x) => (sines(x) - 2) ** 2 * Math.cos(7 * x[3]);

/** With s the sum of sines: (s^2 + 4) cos 7 x_4. */
export const even = (x) => (sines(x) ** 2 + 4) * Math.cos(7 * x[3]);

/** -4 s cos 7 x_4. */
export const odd = (x) => -4 * sines(x) * Math.cos(7 * x[3]);

/** The point at t of the great circle through e_4 and (e_1 + (e_2 + e_3) / sqrt 2) / sqrt 2. */
export const onCircle = (t) => [Math.sin(t) * Math.SQRT1_2, Math.sin(t) / 2, Math.sin(t) / 2, Math.cos(t)];

/** The even (sign 1) or odd (sign -1) part of a function on the sphere, from its values at equal steps on a whole great circle. */
export const part = (values, sign) => values.map((value, i) => (value + sign * values[(i + values.length / 2) % values.length]) / 2);

/** Exponent p of a learner's error ~ N^p by least squares on logarithms, from its sizes and errors. */
export function slope(n, error) {
  const [x, y] = [n.map(Math.log), error.map(Math.log)];
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [a, b] = [mean(x), mean(y)];
  return mean(x.map((value, i) => (value - a) * (y[i] - b))) / mean(x.map((value) => (value - a) ** 2));
}

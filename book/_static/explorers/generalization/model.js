// Eq. (10) and the remainder of Theorem 5.1 from a row [n, y'H^-1 y of the true labels, tr H^-1, lambda_0].

/** Root of the mean of 2 y'H^-1 y / n when a portion p of the labels is replaced by coin flips. */
export function measure([n, clean, trace], p) {
  const kept = (1 - p) ** 2;
  return Math.sqrt((2 * (kept * clean + (1 - kept) * trace)) / n);
}

/** The second term for unlimited width, with all constants: 5/sqrt(n) + 3 sqrt(log(2/delta')/2n). */
export function remainder([n, , , lambda], delta) {
  const balls = Math.ceil(Math.sqrt(n / lambda));
  return 5 / Math.sqrt(n) + 3 * Math.sqrt(Math.log((6 * balls) / delta) / (2 * n));
}

/** Their sum, which bounds the ramp loss and the classification error. */
export const bound = (row, p, delta) => measure(row, p) + remainder(row, delta);

/** Least portion p at which the bound is 1 or more, so that it is empty; null if there is none. */
export function emptyFrom(row, delta) {
  const [n, clean, trace] = row;
  const room = 1 - remainder(row, delta);
  if (room <= 0 || measure(row, 0) >= room) return 0;
  const kept = (trace - (n * room ** 2) / 2) / (trace - clean);
  return kept < 0 ? null : 1 - Math.sqrt(kept);
}

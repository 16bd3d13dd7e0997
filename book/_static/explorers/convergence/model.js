// The frozen kernel's prediction in its eigenbasis: eigenvalues lambda_i, energies (v_i.y)^2 of labels y of n images.

/** Energies expected when each label is drawn anew with chance p: (1-p)^2 (v_i.y)^2 + 1 - (1-p)^2. */
export function mix(energies, p) {
  const kept = (1 - p) ** 2; // of pairs of labels of which neither was drawn anew
  return energies.map((energy) => kept * energy + 1 - kept);
}

/** Energies of y - u(k), eq. (8): (1 - eta lambda_i)^2k (v_i.y)^2. */
export const left = (eigenvalues, energies, eta, k) =>
  energies.map((energy, i) => (1 - eta * eigenvalues[i]) ** (2 * k) * energy);

/** Phi(k) / n: half the sum of these energies over n. */
export function loss(eigenvalues, energies, eta, k) {
  let sum = 0;
  for (let i = 0; i < energies.length; i += 1) sum += (1 - eta * eigenvalues[i]) ** (2 * k) * energies[i];
  return sum / (2 * energies.length);
}

/** Least number of steps k <= most after which the loss is at most a share of its start; null if there is none. */
export function stepsTo(share, eigenvalues, energies, eta, most = 1e7) {
  if (eta * eigenvalues[0] > 2) return null; // past the edge the loss need not fall from step to step
  const target = share * loss(eigenvalues, energies, eta, 0);
  let [low, high] = [-1, most];
  if (!(loss(eigenvalues, energies, eta, high) <= target)) return null;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (loss(eigenvalues, energies, eta, middle) <= target) high = middle;
    else low = middle;
  }
  return high;
}

/** Sums of energies over bins of eigenvalues, as shares of all of `energies`: [from, to, share of these, of those]. */
export function bins(eigenvalues, energies, others, edges) {
  const total = energies.reduce((sum, energy) => sum + energy, 0);
  return edges.slice(1).map((to, b) => {
    const within = (values) => values.filter((_, i) => edges[b] <= eigenvalues[i] && eigenvalues[i] < to);
    const share = (values) => within(values).reduce((sum, value) => sum + value, 0) / total;
    return [edges[b], to, share(energies), share(others)];
  });
}

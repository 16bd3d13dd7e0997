// Two unit inputs at an angle theta, in radians, and m Gaussian neurons in their plane: the formulas of the chapter.

/** H-infinity of two unit inputs: cos(theta) (pi - theta) / (2 pi). */
export const limit = (theta) => (Math.cos(theta) * (Math.PI - theta)) / (2 * Math.PI);

/** Whether the gate of the neuron w = [w_1, w_2] is open at the unit input of this angle: w.x >= 0. */
export const isOpen = ([w1, w2], angle) => w1 * Math.cos(angle) + w2 * Math.sin(angle) >= 0;

/** Number of gates that are open for both inputs, for the first input alone, for the second alone, for neither. */
export function countGates(weights, theta) {
  const found = { both: 0, first: 0, second: 0, neither: 0 };
  for (const w of weights) found[kind(w, theta)] += 1;
  return found;
}

export function kind(w, theta) {
  const [first, second] = [isOpen(w, 0), isOpen(w, theta)];
  return first ? (second ? "both" : "first") : second ? "second" : "neither";
}

/** H(0) of the two inputs from the first 1, 2, ..., m neurons: cos(theta) times the share of gates open for both. */
export function entries(weights, theta) {
  let open = 0;
  return weights.map((w, index) => {
    open += kind(w, theta) === "both" ? 1 : 0;
    return (Math.cos(theta) * open) / (index + 1);
  });
}

/** Standard deviation of that entry over draws of m neurons: sqrt((cos(theta) h - h^2) / m). */
export const spread = (theta, m) => Math.sqrt(Math.max(0, Math.cos(theta) * limit(theta) - limit(theta) ** 2) / m);

/** Draw neurons w ~ N(0, I) in the plane; one seed gives one net, and a wider net begins with the narrower one. */
export function drawNeurons(seed, m) {
  const uniform = mulberry32(seed);
  return Array.from({ length: m }, () => {
    const [length, angle] = [Math.sqrt(-2 * Math.log(1 - uniform())), 2 * Math.PI * uniform()]; // Box and Muller
    return [length * Math.cos(angle), length * Math.sin(angle)];
  });
}

/** Uniform numbers in [0, 1) of 32 bits: Tommy Ettinger's generator, in the public domain. */
export function mulberry32(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

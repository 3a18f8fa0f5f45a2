// From noise to two peaks on a line: every start walks with the exact mean velocity of flow matching, in Euler steps.
(function () {
  "use strict";
  const { linspace, normalDensity } = window.GanNumbers;
  const STARTS = 200, SHOWN = 16, X = linspace(-6, 6, 121), BIN = 0.25, EDGES = Array.from({ length: 49 }, (_, i) => -6.013 + BIN * i);

  function erf(x) { // Simpson's rule
    const n = 200, h = Math.min(Math.abs(x), 6) / n;
    let sum = 1 + Math.exp(-((n * h) ** 2));
    for (let i = 1; i < n; i++) sum += (i % 2 ? 4 : 2) * Math.exp(-((i * h) ** 2));
    return Math.sign(x) * 2 / Math.sqrt(Math.PI) * sum * h / 3;
  }
  const below = (x) => 0.5 * (1 + erf(x / Math.SQRT2));
  function quantile(law, p) { // by bisection
    let low = -12, high = 12;
    for (let i = 0; i < 50; i++) {
      const middle = (low + high) / 2;
      if (law(middle) < p) low = middle; else high = middle;
    }
    return (low + high) / 2;
  }
  const LEVELS = Array.from({ length: STARTS }, (_, i) => (i + 0.5) / STARTS), NOISE = LEVELS.map((p) => quantile(below, p));

  // E[data - noise | (1 - t) noise + t data = x] for the share `right` at `place` and the rest at -place, both `width` wide.
  function velocity(x, t, { place, width, right }) {
    const spread = (1 - t) ** 2 + (t * width) ** 2, means = [-place, place];
    const logs = means.map((m, j) => Math.log(j ? right : 1 - right) - (x - t * m) ** 2 / (2 * spread)), top = Math.max(...logs);
    const weights = logs.map((l) => Math.exp(l - top)), sum = weights[0] + weights[1];
    return means.reduce((v, m, j) => v + weights[j] / sum * (m + (t * width * width - (1 - t)) * (x - t * m) / spread), 0);
  }

  function walk(x, state) {
    const path = [x];
    for (let i = 0; i < state.steps; i++) path.push(path[i] + velocity(path[i], i / state.steps, state) / state.steps);
    return path;
  }

  let kept = { key: "" }; // the data's quantiles stay while only steps and start move
  function aims({ place, width, right }) {
    const key = `${place} ${width} ${right}`;
    if (kept.key !== key) {
      const law = (x) => (1 - right) * below((x + place) / width) + right * below((x - place) / width);
      kept = { key, values: LEVELS.map((p) => quantile(law, p)) };
    }
    return kept.values;
  }

  function numbers(state) {
    const { place, width, right } = state, ends = NOISE.map((x) => walk(x, state)[state.steps]);
    const sorted = [...ends].sort((a, b) => a - b), wanted = aims(state), own = walk(state.start, state);
    const counts = EDGES.slice(0, -1).map(() => 0);
    for (const end of ends) {
      const bin = Math.floor((end + 6.013) / BIN);
      if (bin >= 0 && bin < counts.length) counts[bin] += 1;
    }
    return {
      w1: sorted.reduce((sum, x, i) => sum + Math.abs(x - wanted[i]), 0) / STARTS,
      stray: ends.filter((x) => Math.min(Math.abs(x - place), Math.abs(x + place)) > 3 * width + 1e-6).length / STARTS,
      landed: own[state.steps], mean: (2 * right - 1) * place, own,
      paths: Array.from({ length: SHOWN }, (_, i) => walk(quantile(below, (i + 0.5) / SHOWN), state)),
      x: X, density: X.map((x) => (1 - right) * normalDensity(x, -place, width) + right * normalDensity(x, place, width)),
      bins: counts.map((count, i) => [EDGES[i], count / STARTS / BIN]),
    };
  }

  window.GanMaths["noise-to-data"] = { numbers };
})();

// A code of few bits says in which interval a number lies; the answer goes a share of the way from its mean to a draw.
(function () {
  "use strict";
  const { linspace, normalDensity } = window.GanNumbers;
  const COUNT = 1024, BIN = 0.25, FIRST = -6.013, BINS = 48, X = linspace(-6, 6, 121), SHARES = linspace(0, 1, 41);

  function erf(x) { // Simpson's rule
    const n = 200, h = Math.min(Math.abs(x), 6) / n;
    let sum = 1 + Math.exp(-((n * h) ** 2));
    for (let i = 1; i < n; i++) sum += (i % 2 ? 4 : 2) * Math.exp(-((i * h) ** 2));
    return Math.sign(x) * 2 / Math.sqrt(Math.PI) * sum * h / 3;
  }
  const below = (x) => 0.5 * (1 + erf(x / Math.SQRT2));

  let kept = { key: "" }; // the data's quantiles stay while share and bits move
  function quantiles({ place, width }) {
    const key = `${place} ${width}`;
    if (kept.key !== key) {
      const law = (x) => 0.5 * (below((x + place) / width) + below((x - place) / width));
      const upper = Array.from({ length: COUNT / 2 }, (_, i) => { // by bisection; the lower half mirrors it
        let low = 0, high = 12;
        for (let k = 0; k < 45; k++) {
          const middle = (low + high) / 2;
          if (law(middle) < 0.5 + (i + 0.5) / COUNT) low = middle; else high = middle;
        }
        return (low + high) / 2;
      });
      kept = { key, values: [...upper.map((x) => -x).reverse(), ...upper] };
    }
    return kept.values;
  }
  const mean = (values) => values.reduce((sum, v) => sum + v, 0) / values.length;

  function numbers(state) {
    const { share, bits, place, width } = state, x = quantiles(state), size = COUNT / 2 ** bits;
    const points = Array.from({ length: 2 ** bits }, (_, k) => mean(x.slice(k * size, (k + 1) * size)));
    const middle = x.map((_, i) => points[Math.floor(i / size)]), answers = x.map((v, i) => (1 - share) * middle[i] + share * v);
    const least = mean(x.map((v, i) => (v - middle[i]) ** 2)), drawn = mean(answers.map((v, i) => (v - middle[i]) ** 2));
    const apart = answers.map((v, i) => Math.abs(v - x[i])); // both rise, so that this pairing is the cheapest
    const counts = new Array(BINS).fill(0);
    for (const v of answers) {
      const bin = Math.floor((v - FIRST) / BIN);
      if (bin >= 0 && bin < BINS) counts[bin] += 1;
    }
    return {
      least, error: least + drawn, ratio: 1 + drawn / least, w1: mean(apart), w2: Math.sqrt(mean(apart.map((d) => d * d))), points,
      x: X, density: X.map((v) => 0.5 * (normalDensity(v, -place, width) + normalDensity(v, place, width))),
      bins: counts.map((count, i) => [FIRST + BIN * i, count / COUNT / BIN]),
      curve: SHARES.map((s) => [(1 - s) * Math.sqrt(least), (1 + s * s) * least]),
    };
  }

  window.GanMaths["share-of-drawing"] = { numbers };
})();

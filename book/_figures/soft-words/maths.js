// One of three words, drawn by Gumbel noise and softened: what a cost's slope by the logit of "cat" becomes on the way through it.
// Costs: cat 1, cats 0, see `cost`; a mixture of words costs the mixture of their costs.
(function () {
  "use strict";
  const { makeRandom } = window.GanNumbers, N = 120;
  const TAUS = [0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1, 1.5, 2, 3];

  const at = (x) => x > 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)), hump = (x) => at(x) * at(-x);

  // Means over all noise. Gumbel numbers are -log E with E exponential, and only the ratios of the three E count: they are s / sum of s
  // for s uniform on a triangle. With t the log odds of 1 - s1 and u those of s3 against s2 all is smooth and dies out: sums are exact enough.
  function law([p1, p2, p3], cost, tau) {
    const h = Math.min(0.6, tau), n = Math.ceil(26 / h), w = new Float64Array(n), e = new Float64Array(n);
    let all = 0, soft = 0, square = 0, y1 = 0, y3 = 0;
    for (let i = 0; i < n; i++) {
      const t = h * i - 9;
      all += w[i] = 2 * hump(t) * at(t) * h;
      e[i] = Math.exp((Math.log(p1) + t) / tau);
    }
    for (let u = -17; u < 17; u += h) {
      const cats = Math.exp((Math.log(p2) + Math.log1p(Math.exp(u))) / tau), see = Math.exp((Math.log(p3) + Math.log1p(Math.exp(-u))) / tau);
      const rest = cats + see, share = see / rest, more = (1 - cost * share) / tau, weight = hump(u) * h;
      let a = 0, b = 0, y = 0;
      for (let i = 0; i < n; i++) {
        const part = e[i] / (e[i] + rest), slope = part * (1 - part);
        a += w[i] * slope; b += w[i] * slope * slope; y += w[i] * part;
      }
      soft += weight * more * a; square += weight * more * more * b; y1 += weight * y; y3 += weight * share * (all - y);
    }
    return { soft: Math.abs(soft) < 1e-9 ? 0 : soft, spread: Math.sqrt(Math.max(0, square - soft * soft)), mean: [y1, 1 - y1 - y3, y3] };
  }

  function numbers({ tau, cat, see, cost, seed }) {
    const p = [cat, 1 - cat - see, see], costs = [1, 0, cost], random = makeRandom(seed);
    const words = Array.from({ length: N }, () => {
      const l = p.map((v) => (Math.log(v) - Math.log(-Math.log1p(-random.uniform()))) / tau), top = Math.max(...l);
      const e = l.map((v) => Math.exp(v - top)), sum = e[0] + e[1] + e[2];
      return e.map((v) => v / sum);
    });
    const slopes = words.map((y) => y[0] * (1 - y[0] - cost * y[2]) / tau);
    const way = words.reduce((sum, y) => {
      const k = y.indexOf(Math.max(...y));
      return sum + Math.hypot(...y.map((v, i) => i === k ? y[(k + 1) % 3] + y[(k + 2) % 3] : v)) / N;
    }, 0);
    const less = 1 - cat - cost * see, truth = Math.abs(less) < 1e-12 ? 0 : cat * less;
    // The score function with its best baseline: (cost - b) score, score 1 - cat for the word cat and -cat for the others.
    const scores = [1 - cat, -cat, -cat], over = (f) => p.reduce((sum, v, i) => sum + v * f(costs[i], scores[i]), 0);
    const base = over((c, s) => c * s * s) / over((c, s) => s * s), least = over((c, s) => ((c - base) * s) ** 2) - truth ** 2;
    const curve = TAUS.map((heat) => { const { soft, spread } = law(p, cost, heat); return [spread, soft]; });
    return { p, words, slopes, way, truth, score: least > 1e-12 ? Math.sqrt(least) : 0, curve, ...law(p, cost, tau) };
  }

  window.GanMaths["soft-words"] = { numbers, TAUS };
})();

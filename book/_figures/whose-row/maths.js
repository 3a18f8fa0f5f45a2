// A membership attack: patients in the training set, patients out of it, made rows, and the rule "near a made row means in".
(function () {
  "use strict";
  const { makeRandom } = window.GanNumbers;
  const N = 60, MOST = 300, CUTS = 120, FAR = 0.3; // patients in, and as many out; made rows at most; distances at which the rule is tried
  const CHANCE = 1.3580986393225507 * Math.sqrt(2 / N); // Kolmogorov and Smirnov, one case in twenty

  function nearest(rows, others) {
    return rows.map(([x, y]) => {
      let least = Infinity;
      for (const other of others) { const dx = x - other[0], dy = y - other[1], d = dx * dx + dy * dy; if (d < least) least = d; }
      return Math.sqrt(least);
    });
  }
  const median = (values) => { const v = [...values].sort((a, b) => a - b), n = v.length; return (v[(n - 1) >> 1] + v[n >> 1]) / 2; };

  function draw(seed) { // all chance at once, so that a slider changes nothing else
    const random = makeRandom(seed), pair = () => [random.uniform(), random.uniform()], patients = () => Array.from({ length: N }, pair);
    const inside = patients(), outside = patients();
    return { inside, outside, chances: Array.from({ length: MOST }, () => ({ whose: Math.floor(N * random.uniform()), noise: [random.normal(), random.normal()], fresh: pair() })) };
  }

  function numbers({ seed, share, noise, rows, radius, epsilon }) {
    const { inside, outside, chances } = draw(seed), copies = Math.round(share * rows);
    const made = chances.slice(0, rows).map(({ whose, noise: z, fresh }, i) => i < copies ? [0, 1].map((k) => inside[whose][k] + noise * z[k]) : fresh);
    const [a, b] = [nearest(inside, made), nearest(outside, made)], rate = (list, r) => list.reduce((count, d) => count + (d <= r), 0) / N;
    const cuts = Array.from({ length: CUTS + 1 }, (_, i) => FAR * i / CUTS), odds = Math.exp(epsilon), hits = rate(a, radius), alarms = rate(b, radius);
    const gap = nearest(made, inside), above = (t, f) => t > odds * f || 1 - f > odds * (1 - t);
    return { inside, outside, made, copies, curve: cuts.map((r) => [rate(b, r), rate(a, r)]), caught: [a, b].map((list) => list.map((d) => d <= radius)),
             hits, alarms, advantage: hits - alarms, best: Math.max(...[...a, ...b].map((r) => rate(a, r) - rate(b, r))), chance: CHANCE,
             bound: (odds - 1) / (odds + 1), corner: [1 / (1 + odds), odds / (1 + odds)], beyond: above(hits, alarms) || above(alarms, hits),
             made_median: median(gap), held_median: median(nearest(outside, inside)), closest: Math.min(...gap) };
  }

  window.GanMaths["whose-row"] = { numbers };
})();

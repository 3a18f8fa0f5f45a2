// Pictures that lie in one of four ways, a change that turns some of them, and what a discriminator sees of a difference.
(function () {
  "use strict";
  const DATA = [0.7, 0.1, 0.1, 0.1], GRID = Array.from({ length: 41 }, (_, i) => i / 40);
  const turned = (law, k) => law.map((_, i) => law[(i - k + 4) % 4]);
  const CHANGES = {
    half: (law) => turned(law, 2),
    quarter: (law) => turned(law, 1),
    any: (law) => law.map(() => law.reduce((sum, v) => sum + v) / 4),
  };
  // The eigenvalues of each change on differences, which add up to 0, as [real, imaginary].
  const EIGENVALUES = { half: [[-1, 0], [1, 0]], quarter: [[0, 1], [-1, 0]], any: [[0, 0]] };
  const seen = (law, change, p) => CHANGES[change](law).map((v, i) => (1 - p) * law[i] + p * v);
  const apart = (a, b) => a.reduce((sum, v, i) => sum + Math.abs(v - b[i]), 0) / 2;

  function numbers({ p, change, turn, share }) {
    const fake = turned(DATA, Number(turn)).map((v, i) => (1 - share) * DATA[i] + share * v);
    const real_seen = seen(DATA, change, p), fake_seen = seen(fake, change, p), before = apart(DATA, fake), after = apart(real_seen, fake_seen);
    const least = Math.min(...EIGENVALUES[change].map(([a, b]) => Math.hypot(1 - p + p * a, p * b)));
    return { real: DATA, fake, real_seen, fake_seen, before, after, least, bound: Math.max(0, 1 - 2 * p) * before, leaks: least < 1e-9,
             curve: GRID.map((q) => [q, apart(seen(DATA, change, q), seen(fake, change, q))]) };
  }

  window.GanMaths.leaks = { numbers };
})();

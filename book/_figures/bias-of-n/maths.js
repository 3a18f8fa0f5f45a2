// The Fréchet distance of a law to itself, estimated from N samples on each side. The law is the standard normal one in d dimensions.
(function () {
  "use strict";
  const { makeRandom, mean } = window.GanNumbers;
  const SIZES = [10, 20, 50, 200], REDRAWS = 12;

  function moments(rows, d) { // the mean, and a Cholesky factor of the covariance
    const n = rows.length, m = new Float64Array(d), root = Array.from({ length: d }, () => new Float64Array(d));
    for (const r of rows) for (let i = 0; i < d; i++) m[i] += r[i] / n;
    for (const r of rows) for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) root[i][j] += (r[i] - m[i]) * (r[j] - m[j]) / (n - 1);
    for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) {
      let c = root[i][j];
      for (let k = 0; k < j; k++) c -= root[i][k] * root[j][k];
      root[i][j] = i === j ? Math.sqrt(Math.max(c, 0)) : c / root[j][j];
    }
    return { m, root };
  }
  // The sum of the singular values of A' B: its columns are turned in pairs until all are orthogonal (Jacobi, one-sided).
  function nuclear(a, b, d) {
    const columns = Array.from({ length: d }, (_, j) => Float64Array.from({ length: d }, (_, i) => { let s = 0; for (let k = 0; k < d; k++) s += a[k][i] * b[k][j]; return s; }));
    const dot = (u, v) => { let s = 0; for (let k = 0; k < d; k++) s += u[k] * v[k]; return s; };
    for (let sweep = 0, off = 1; sweep < 40 && off > 1e-13; sweep++) {
      off = 0;
      for (let p = 0; p < d; p++) for (let q = p + 1; q < d; q++) {
        const u = columns[p], v = columns[q], [uu, vv, uv] = [dot(u, u), dot(v, v), dot(u, v)];
        if (uu * vv === 0 || Math.abs(uv) < 1e-15 * Math.sqrt(uu * vv)) continue;
        off = Math.max(off, Math.abs(uv) / Math.sqrt(uu * vv));
        const z = (vv - uu) / (2 * uv), t = (z < 0 ? -1 : 1) / (Math.abs(z) + Math.sqrt(1 + z * z)), c = 1 / Math.sqrt(1 + t * t), s = c * t;
        for (let k = 0; k < d; k++) [u[k], v[k]] = [c * u[k] - s * v[k], s * u[k] + c * v[k]];
      }
    }
    return columns.reduce((sum, v) => sum + Math.sqrt(dot(v, v)), 0);
  }
  function distance(one, two, d) { // the two parts: of the means and of the covariances
    const [p, q] = [moments(one, d), moments(two, d)], traces = [p, q].reduce((s, { root }) => s + root.reduce((t, r) => t + r.reduce((x, v) => x + v * v, 0), 0), 0);
    return { means: p.m.reduce((s, v, i) => s + (v - q.m[i]) * (v - q.m[i]), 0), spreads: Math.max(0, traces - 2 * nuclear(p.root, q.root, d)), roots: [p, q] };
  }
  const draw = (random, n, d) => Array.from({ length: n }, () => Float64Array.from({ length: d }, random.normal));
  const whole = ({ means, spreads }) => means + spreads;

  const redraws = (random, n, d) => Array.from({ length: REDRAWS }, () => whole(distance(draw(random, n, d), draw(random, n, d), d)));

  let kept = {}; // the means for fixed sizes do not change with N
  function means(d, seed) {
    if (kept.d !== d || kept.seed !== seed) { const random = makeRandom(1000 + seed); kept = { d, seed, sizes: SIZES.map((size) => [size, mean(redraws(random, size, d))]) }; }
    return kept.sizes;
  }
  // The sets that are shown come first from the seed; then the redraws.
  function numbers({ n, d, seed }) {
    const random = makeRandom(seed), [one, two] = [draw(random, n, d), draw(random, n, d)], shown = distance(one, two, d);
    const again = redraws(random, n, d), factor = 2 * d + d * (d + 1) / 2;
    const ellipse = ({ m, root }) => Array.from({ length: 49 }, (_, k) => {
      const [c, s] = [2 * Math.cos(k * Math.PI / 24), 2 * Math.sin(k * Math.PI / 24)];
      return [m[0] + root[0][0] * c, m[1] + root[1][0] * c + root[1][1] * s];
    });
    return { one: one.map((r) => [r[0], r[1]]), two: two.map((r) => [r[0], r[1]]), ellipses: shown.roots.map(ellipse), distance: whole(shown), means: shown.means,
             again, average: mean(again), line: factor / n, bound: 2 * d / n, factor, sizes: means(d, seed) };
  }

  window.GanMaths["bias-of-n"] = { numbers };
})();

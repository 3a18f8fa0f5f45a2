// Two sets in the plane with the same mean and covariance to the last digit, and unlike shapes: what do the scores say?
(function () {
  "use strict";
  const { makeRandom, mean } = window.GanNumbers;
  const N = 120, K = 3;

  // Moves and stretches a set so that its mean is 0 and its covariance the identity.
  function whiten(points) {
    const [mx, my] = [0, 1].map((i) => mean(points.map((p) => p[i]))), about = (f) => points.reduce((s, p) => s + f(p[0] - mx, p[1] - my), 0) / (points.length - 1);
    const a = Math.sqrt(about((x) => x * x)), b = about((x, y) => x * y) / a, c = Math.sqrt(about((x, y) => y * y) - b * b);
    return points.map(([x, y]) => { const u = (x - mx) / a; return [u, (y - my - b * u) / c]; });
  }
  const SHAPES = {
    islands: (i, a, b) => [Math.cos(Math.PI * i / 4) + 0.05 * a, Math.sin(Math.PI * i / 4) + 0.05 * b],
    ring: (i) => [Math.cos(2 * Math.PI * i / N), Math.sin(2 * Math.PI * i / N)],
    cross: (i) => { const s = (i % 30 + 1) / 30; return [[s, 0], [0, s], [-s, 0], [0, -s]][Math.floor(i / 30)]; },
    lines: (i, a) => [i % 2 ? 1 : -1, a],
  };

  const far = ([a, b], [c, d]) => Math.sqrt((a - c) * (a - c) + (b - d) * (b - d));
  const radii = (points) => points.map((p) => { // the distance to the K-th neighbour; the nearest is the point itself
    const least = new Array(K + 1).fill(Infinity);
    for (const q of points) {
      const d = far(p, q);
      if (d >= least[K]) continue;
      let i = K;
      for (; i > 0 && least[i - 1] > d; i--) least[i] = least[i - 1];
      least[i] = d;
    }
    return least[K];
  });
  const within = (points, centres, reach) => points.filter((p) => centres.some((c, i) => far(p, c) <= reach[i])).length / points.length;
  const kernel = ([a, b], [c, d]) => { const v = (a * c + b * d) / 2 + 1; return v * v * v; };
  function pairs(one, two, same) {
    let sum = 0;
    for (const p of one) for (const q of two) if (!same || p !== q) sum += kernel(p, q);
    return sum / (one.length * (two.length - (same ? 1 : 0)));
  }
  // Two Gaussians in the plane: tr (C C')^(1/2) is the root of tr C C' + 2 root(det C det C').
  function frechet(one, two) {
    const of = (points) => {
      const m = [0, 1].map((i) => mean(points.map((p) => p[i]))), c = (i, j) => points.reduce((s, p) => s + (p[i] - m[i]) * (p[j] - m[j]), 0) / (points.length - 1);
      return { m, xx: c(0, 0), xy: c(0, 1), yy: c(1, 1) };
    };
    const [p, q] = [of(one), of(two)], det = ({ xx, xy, yy }) => xx * yy - xy * xy;
    const cross = Math.sqrt(p.xx * q.xx + 2 * p.xy * q.xy + p.yy * q.yy + 2 * Math.sqrt(det(p) * det(q)));
    return Math.max(0, (p.m[0] - q.m[0]) ** 2 + (p.m[1] - q.m[1]) ** 2 + p.xx + p.yy + q.xx + q.yy - 2 * cross);
  }

  const random = makeRandom(5), [real, start, noise] = [0, 1, 2].map(() => Array.from({ length: N }, () => [random.normal(), random.normal()])).map((points, i) => i < 2 ? whiten(points) : points);
  const reach = radii(real), itself = pairs(real, real, true);

  function numbers({ shape, t, shift, spread }) {
    const end = whiten(noise.map(([a, b], i) => SHAPES[shape](i, a, b)));
    const fake = whiten(start.map(([x, y], i) => [(1 - t) * x + t * end[i][0], (1 - t) * y + t * end[i][1]])).map(([x, y]) => [spread * x + shift, spread * y]);
    return { real, fake, frechet: frechet(real, fake), kernel: itself + pairs(fake, fake, true) - 2 * pairs(real, fake, false),
             precision: within(fake, real, reach), recall: within(real, fake, radii(fake)) };
  }

  window.GanMaths["fooling-a-score"] = { numbers };
})();

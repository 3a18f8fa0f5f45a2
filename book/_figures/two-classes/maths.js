// Two clouds in the plane; a density model (one Gaussian for each class) and a classifier (logistic regression) fitted to them.
(function () {
  "use strict";
  const { makeRandom, sigmoid, softplus } = window.GanNumbers;
  const N = 15, NEW = 40, PENALTY = 0.01; // a little penalty on the slope, so that clouds that part have a best line too

  function gaussian(points) {
    const n = points.length, mean = [0, 1].map((i) => points.reduce((sum, p) => sum + p[i], 0) / n);
    const c = (i, j) => points.reduce((sum, p) => sum + (p[i] - mean[i]) * (p[j] - mean[j]), 0) / n;
    return { n, mean, cov: [c(0, 0), c(0, 1), c(1, 1)] }; // variances and, between them, the covariance
  }
  const inverse = ([a, b, c]) => { const det = a * c - b * b; return [c / det, -b / det, a / det]; };
  const times = ([a, b, c], [x, y]) => [a * x + b * y, b * x + c * y], dot = (u, v) => u[0] * v[0] + u[1] * v[1];

  // Log odds of class 1 as A x² + 2 B x y + C y² + w · (x, y) + b, from the two fitted Gaussians.
  function odds(zero, one) {
    const [p, q] = [inverse(zero.cov), inverse(one.cov)], [u, v] = [times(p, zero.mean), times(q, one.mean)];
    const det = ([a, b, c]) => a * c - b * b;
    return { square: [0, 1, 2].map((i) => (p[i] - q[i]) / 2), w: [v[0] - u[0], v[1] - u[1]],
             b: (dot(zero.mean, u) - dot(one.mean, v) + Math.log(det(zero.cov) / det(one.cov))) / 2 + Math.log(one.n / zero.n) };
  }

  function logistic(points, labels) { // Newton's method, halving a step that does not help
    let v = [0, 0, 0];
    const loss = (v) => PENALTY * (v[0] ** 2 + v[1] ** 2) / 2 + points.reduce((sum, [x, y], i) => {
      const l = v[0] * x + v[1] * y + v[2];
      return sum + softplus(labels[i] ? -l : l);
    }, 0);
    for (let round = 0; round < 60; round++) {
      const g = [PENALTY * v[0], PENALTY * v[1], 0], h = [[PENALTY, 0, 0], [0, PENALTY, 0], [0, 0, 1e-12]];
      points.forEach(([x, y], k) => {
        const f = [x, y, 1], s = sigmoid(v[0] * x + v[1] * y + v[2]);
        for (let i = 0; i < 3; i++) { g[i] += (s - labels[k]) * f[i]; for (let j = 0; j < 3; j++) h[i][j] += s * (1 - s) * f[i] * f[j]; }
      });
      const step = solve(h, g), before = loss(v);
      let by = 1;
      while (by > 1e-6 && loss(v.map((e, i) => e - by * step[i])) > before) by /= 2;
      v = v.map((e, i) => e - by * step[i]);
      if (Math.hypot(...g) < 1e-10) break;
    }
    return { w: v.slice(0, 2), b: v[2] };
  }

  function solve(h, g) { // Cramer's rule
    const det = (m) => m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
    const all = det(h);
    return [0, 1, 2].map((k) => det(h.map((row, i) => row.map((e, j) => j === k ? g[i] : e))) / all);
  }

  function draw(random, mean, [a, b, c]) { // through the Cholesky factor of the covariance
    const z = [random.normal(), random.normal()], root = Math.sqrt(a);
    return [mean[0] + root * z[0], mean[1] + b / root * z[0] + Math.sqrt(c - b * b / a) * z[1]];
  }

  function fit(zero, one, shapes) { // both models
    const fits = [gaussian(zero), gaussian(one)], total = fits[0].n + fits[1].n, points = [...zero, ...one];
    if (shapes === "shared") {
      const both = [0, 1, 2].map((i) => (fits[0].n * fits[0].cov[i] + fits[1].n * fits[1].cov[i]) / total);
      for (const one of fits) one.cov = both;
    }
    return { fits, density: odds(...fits), classifier: logistic(points, points.map((_, i) => Number(i >= zero.length))) };
  }
  const turn = (u, v) => Number((Math.abs(Math.atan2(u[0] * v[1] - u[1] * v[0], dot(u, v))) * 180 / Math.PI).toFixed(7)); // no dust

  function numbers({ x0, y0, x1, y1, s0, s1, rho, outlier, ox, oy, shapes, fresh, seed }) {
    const random = makeRandom(seed), cloud = (mean, s) => Array.from({ length: N }, () => draw(random, mean, [s * s, rho * s * s, s * s]));
    const zero = cloud([x0, y0], s0), one = cloud([x1, y1], s1), all = outlier ? [...one, [ox, oy]] : one;
    const { fits, density, classifier } = fit(zero, all, shapes), without = outlier ? fit(zero, one, shapes) : { density, classifier };
    const quadratic = (p) => dot(p, times(density.square, p)) + dot(density.w, p) + density.b, line = (p) => dot(classifier.w, p) + classifier.b;
    const errors = (f) => zero.filter((p) => f(p) > 0).length + one.filter((p) => f(p) <= 0).length;
    const again = makeRandom(seed + 1000), share = fits[0].n / (fits[0].n + fits[1].n);
    const made = Array.from({ length: fresh ? NEW : 0 }, () => { const k = again.uniform() < share ? 0 : 1; return [k, ...draw(again, fits[k].mean, fits[k].cov)]; });
    return { zero, one, means: fits.map((f) => f.mean), covs: fits.map((f) => f.cov), density, before: outlier ? without.density : null, classifier, made, drawn: made.length,
             density_errors: errors(quadratic), classifier_errors: errors(line),
             density_turn: shapes === "shared" ? turn(density.w, without.density.w) : NaN, classifier_turn: turn(classifier.w, without.classifier.w) };
  }

  window.GanMaths["two-classes"] = { numbers };
})();

// The style of two letters, normal with a correlation: of real fonts, of a generator, and what the best discriminators of one letter and of two see.
(function () {
  "use strict";
  const { makeRandom, normalDensity, sigmoid, softplus } = window.GanNumbers;
  const N = 60, TURNS = 72, STEP = 0.2;

  // Two laws of pairs, independent along the diagonals, with variances p and q there. Loss and share of right verdicts of the best discriminator,
  // real and generated equally often. In polar coordinates of the law that draws, t half the squared radius, the log odds are k - t h.
  function ofPairs(p, q) {
    const k = Math.log(q[0] * q[1] / (p[0] * p[1])) / 2;
    const real = [p[0] / q[0], p[1] / q[1]].map((v) => 1 - v), fake = [q[0] / p[0], q[1] / p[1]].map((v) => v - 1);
    const at = ([first, second], angle) => (first + second + (first - second) * Math.cos(angle)) / 2; // h
    let loss = 0;
    for (let i = 0; i < TURNS; i++) {
      const angle = (i + 0.5) * Math.PI / TURNS, [a, b] = [at(real, angle), at(fake, angle)];
      for (let w = -22; w < 3.9; w += STEP) { // t = exp(w)
        const t = Math.exp(w);
        loss += Math.exp(w - t) * (softplus(t * a - k) + softplus(k - t * b)) * STEP / TURNS;
      }
    }
    const above = (h) => h > 0 ? (k > 0 ? 1 - Math.exp(-k / h) : 0) : h < 0 ? (k < 0 ? Math.exp(-k / h) : 1) : Number(k > 0); // chance of log odds above 0
    const chance = (ends) => { // over all angles, apart where h changes its sign; nodes crowd at the ends (tanh-sinh rule)
      const turn = ends[0] * ends[1] < 0 ? Math.acos((ends[0] + ends[1]) / (ends[1] - ends[0])) : Math.PI;
      return [[0, turn], [turn, Math.PI]].reduce((sum, [from, to]) => {
        let mean = 0;
        for (let x = -3; x < 3.04; x += 0.0625) {
          const y = Math.PI / 2 * Math.sinh(x), weight = 0.0625 * Math.PI / 4 * Math.cosh(x) / Math.cosh(y) ** 2;
          mean += weight * above(at(ends, from + (to - from) * (1 + Math.tanh(y)) / 2));
        }
        return sum + mean * (to - from) / Math.PI;
      }, 0);
    };
    return { loss, right: 0.5 + (chance(real) - chance(fake)) / 2 };
  }

  // The same for one letter: variances 1 and s².
  function ofOne(s) {
    const k = Math.log(s), h = 1 - 1 / (s * s), odds = (x) => k - h * x * x / 2, p = (x) => normalDensity(x, 0, 1), q = (x) => normalDensity(x, 0, s);
    let loss = 0, gap = 0;
    for (let x = -12; x < 12.01; x += 0.05) loss += 0.05 * (p(x) * softplus(-odds(x)) + q(x) * softplus(odds(x)));
    const end = h === 0 ? 0 : Math.sqrt(2 * k / h), n = 100; // where the densities cross; Simpson's rule from 0 to there
    for (let i = 0; i <= n; i++) gap += (i === 0 || i === n ? 1 : 2 + 2 * (i % 2)) * (p(end * i / n) - q(end * i / n)) * end / (3 * n);
    return { loss, right: 0.5 + Math.abs(gap) };
  }

  function numbers({ rho_r, rho_g, spread: s, a, b, seed }) {
    const random = makeRandom(seed), draw = (rho, scale) => Array.from({ length: N }, () => {
      const x = random.normal(), y = rho * x + Math.sqrt(1 - rho * rho) * random.normal();
      return [scale * x, scale * y];
    });
    const one = ofOne(s), two = ofPairs([1 + rho_r, 1 - rho_r], [s * s * (1 + rho_g), s * s * (1 - rho_g)]);
    // Log odds: of one letter u - v x², of two e - f (x² + y²) + g xy.
    const inner = (rho, scale) => 1 / ((1 - rho * rho) * scale * scale), [r, g] = [inner(rho_r, 1), inner(rho_g, s)];
    const single = [Math.log(s), (1 - 1 / (s * s)) / 2], double = [2 * Math.log(s) + Math.log((1 - rho_g ** 2) / (1 - rho_r ** 2)) / 2, (r - g) / 2, rho_r * r - rho_g * g];
    const D = (x) => sigmoid(single[0] - single[1] * x * x);
    return { real: draw(rho_r, 1), fake: draw(rho_g, s), single, double, D_a: D(a), D_b: D(b),
             D_pair: Number(sigmoid(double[0] - double[1] * (a * a + b * b) + double[2] * a * b).toFixed(4)), // no dust
             loss_one: one.loss, loss_two: two.loss, right_one: 100 * one.right, right_two: 100 * two.right };
  }

  window.GanMaths["pairs-of-letters"] = { numbers };
})();

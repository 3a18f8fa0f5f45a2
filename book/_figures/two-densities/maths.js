// Two normal laws on a line: the best discriminator, what it makes of V, and what pulls on the generator's mean.
(function () {
  "use strict";
  const { linspace, normalDensity, sigmoid, softplus } = window.GanNumbers;
  const NODES = linspace(-7, 7, 701), STEP = 0.02, X = linspace(-6, 6, 241), APART = linspace(0, 8, 41);
  const WEIGHTS = NODES.map((t) => STEP * normalDensity(t, 0, 1)); // exact to 1e-8 here: all functions are smooth

  function erf(x) { // Simpson's rule
    const n = 200, h = x / n;
    let sum = 1 + Math.exp(-x * x);
    for (let i = 1; i < n; i++) sum += (i % 2 ? 4 : 2) * Math.exp(-((i * h) ** 2));
    return 2 / Math.sqrt(Math.PI) * sum * h / 3;
  }

  // Everything that depends on the distance d of the means, data at 0 with spread s, fakes at d with spread g. The slopes are
  // those of the generator's losses by d, with the best D held fixed: the mean of (d loss / d logit) (d logit / d x).
  function at(d, s, g) {
    const logit = (x) => Math.log(g / s) - (x / s) ** 2 / 2 + ((x - d) / g) ** 2 / 2, slope = (x) => (x - d) / (g * g) - x / (s * s);
    let value = 0, saturating = 0, nonsaturating = 0;
    NODES.forEach((t, i) => {
      const fake = d + g * t, l = logit(fake), share = sigmoid(l), pull = -WEIGHTS[i] * slope(fake);
      value -= WEIGHTS[i] * (softplus(-logit(s * t)) + softplus(l));
      saturating += pull * share;
      nonsaturating += pull * (1 - share);
    });
    const a = Math.abs(g - s), r = a > 0 ? d / (a * Math.SQRT2) : Infinity;
    const w1_slope = a > 0 ? erf(Math.min(r, 6)) : 1;
    const w1 = a > 0 ? a * Math.sqrt(2 / Math.PI) * Math.exp(-r * r) + d * w1_slope : d;
    return { value, jsd: (value + Math.log(4)) / 2, w1, saturating, nonsaturating, w1_slope };
  }

  let kept = { key: "" }; // the curves stay while only the means move
  function sweep(s, g) {
    const key = `${s} ${g}`;
    if (kept.key !== key) {
      const rows = APART.map((d) => at(d, s, g));
      const curve = (name) => rows.map((row, i) => [APART[i], row[name]]);
      kept = { key, curves: Object.fromEntries(["jsd", "w1", "saturating", "nonsaturating", "w1_slope"].map((name) => [name, curve(name)])) };
    }
    return kept.curves;
  }

  function numbers({ real, fake, real_std, fake_std }) {
    const apart = Math.abs(fake - real), p = X.map((x) => normalDensity(x, real, real_std)), q = X.map((x) => normalDensity(x, fake, fake_std));
    const logit = (x) => Math.log(fake_std / real_std) - ((x - real) / real_std) ** 2 / 2 + ((x - fake) / fake_std) ** 2 / 2;
    return { apart, ...at(apart, real_std, fake_std), x: X, p, q, best: X.map((x) => sigmoid(logit(x))), curves: sweep(real_std, fake_std) };
  }

  window.GanMaths["two-densities"] = { numbers };
})();

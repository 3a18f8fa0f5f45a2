// A GAN on a line. The data are N(1, spread^2); the generator is x = m + s z, s = exp(r); the discriminator is sigmoid(a + b u + c u^2) with
// u = x - 1, a family that holds the best one. Averages over z are sums on a grid, so that no noise hides the game.
(function () {
  "use strict";
  const { linspace, normalDensity, sigmoid, softplus } = window.GanNumbers;
  const CENTRE = 1, Z = linspace(-4, 4, 33), X = linspace(-4, 4, 161);
  const total = Z.reduce((sum, z) => sum + normalDensity(z, 0, 1), 0), WEIGHT = Z.map((z) => normalDensity(z, 0, 1) / total);
  const logit = (d, x) => d[0] + d[1] * (x - CENTRE) + d[2] * (x - CENTRE) ** 2;

  function gradientD({ m, s, d }, spread) {
    const g = [0, 0, 0];
    let loss = 0;
    Z.forEach((z, i) => {
      for (const [x, real] of [[CENTRE + spread * z, true], [m + s * z, false]]) {
        const l = logit(d, x), by = WEIGHT[i] * (real ? sigmoid(l) - 1 : sigmoid(l)), u = x - CENTRE;
        loss += WEIGHT[i] * softplus(real ? -l : l);
        g[0] += by; g[1] += by * u; g[2] += by * u * u;
      }
    });
    return { loss, g };
  }

  function gradientG({ m, s, d }, kind) {
    let loss = 0, gm = 0, gr = 0;
    Z.forEach((z, i) => {
      const x = m + s * z, l = logit(d, x), saturating = kind === "saturating", slope = d[1] + 2 * d[2] * (x - CENTRE);
      loss += WEIGHT[i] * (saturating ? -softplus(l) : softplus(-l));
      const by = WEIGHT[i] * (saturating ? -sigmoid(l) : sigmoid(l) - 1) * slope;
      gm += by; gr += by * s * z;
    });
    return { loss, gm, gr };
  }

  function step(now, t, { spread, loss, k, rateD, rateG }) { // the t-th step, from 0: k of D, then one of G
    if (t % (k + 1) < k) {
      const { g } = gradientD(now, spread);
      return { ...now, d: now.d.map((v, i) => v - rateD * g[i]) };
    }
    const { gm, gr } = gradientG(now, loss);
    return { ...now, m: now.m - rateG * gm, s: now.s * Math.exp(-rateG * gr) };
  }

  let run = { key: "" }; // the run so far: the next number needs one step more, not all of them
  function states(state) {
    const key = JSON.stringify([state.start, state.spread, state.loss, state.k, state.rateD, state.rateG]);
    if (run.key !== key) run = { key, list: [{ m: state.start, s: 0.5, d: [0, 0, 0] }] };
    while (run.list.length <= state.t) run.list.push(step(run.list[run.list.length - 1], run.list.length - 1, state));
    return run.list;
  }

  function numbers(state) {
    const list = states(state).slice(0, state.t + 1), now = list[state.t], { m, s, d } = now;
    const p = X.map((x) => normalDensity(x, CENTRE, state.spread)), q = X.map((x) => normalDensity(x, m, s));
    const ratio = (x) => Math.log(s / state.spread) - ((x - CENTRE) / state.spread) ** 2 / 2 + ((x - m) / s) ** 2 / 2;
    const every = Math.max(1, Math.ceil(list.length / 200)), rows = list.map((row, t) => [t, row]).filter(([t]) => t % every === 0 || t === state.t);
    const { gm } = gradientG(now, state.loss), D = X.map((x) => sigmoid(logit(d, x)));
    return { x: X, p, q, D, off: Math.max(...D.map((v) => Math.abs(v - 0.5))), best: X.map((x) => sigmoid(ratio(x))), mean: m, std: s,
             d_loss: gradientD(now, state.spread).loss, g_loss: gradientG(now, state.loss).loss, push: -gm,
             means: rows.map(([t, row]) => [t, row.m]), stds: rows.map(([t, row]) => [t, row.s]),
             turn: state.t === 0 ? "nobody yet" : (state.t - 1) % (state.k + 1) < state.k ? "D" : "G" };
  }

  window.GanMaths["one-dimensional-gan"] = { numbers };
})();

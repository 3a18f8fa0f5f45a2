// A discriminator of two features and a label, 3 or 7, in four forms: its logit, and where the generator is pulled under each order.
(function () {
  "use strict";
  const { sigmoid } = window.GanNumbers;
  const W = [0.7, 0.7], E = { 3: [1, -1], 7: [-1, 1] }, B = { 3: 0, 7: -2 }, SIGN = { 3: 1, 7: -1 };
  const dot = (u, v) => u[0] * v[0] + u[1] * v[1];

  // The logit and its gradient by the features.
  const FORMS = {
    late: (f, y) => [dot(W, f) + B[y], W],
    projection: (f, y) => [dot(W, f) + dot(E[y], f), [W[0] + E[y][0], W[1] + E[y][1]]],
    helper: (f) => [dot(W, f), W],
    input(f, y) { // a hidden layer sees features and label: the label opens one of its first two units and shuts the other
      const x = 0.5 * (f[0] - f[1]), s = 2 * SIGN[y], [p, q, r] = [x + s - 2, x - s - 2, 0.7 * (f[0] + f[1])].map(Math.tanh);
      const across = 2 * 0.5 * ((1 - p * p) - (1 - q * q)), along = 0.4 * 0.7 * (1 - r * r);
      return [2 * p - 2 * q + 0.4 * r, [across + along, along - across]];
    },
  };

  function numbers({ way, a, b }) {
    const f = [a, b], logits = {}, pulls = {};
    for (const y of [3, 7]) {
      const [l, slope] = FORMS[way](f, y), push = sigmoid(-l); // the generator's loss is softplus(-l)
      const other = E[10 - y], doubt = way === "helper" ? sigmoid(dot(other, f) - dot(E[y], f)) : 0; // and, with a helper, -log p(y | features)
      logits[y] = l;
      pulls[y] = [0, 1].map((i) => push * slope[i] + doubt * (E[y][i] - other[i]));
    }
    const length = (v) => Math.hypot(...v), size = length(pulls[3]) * length(pulls[7]);
    return { l3: logits[3], l7: logits[7], pull3: pulls[3], pull7: pulls[7], length3: length(pulls[3]), length7: length(pulls[7]),
             angle: size < 1e-12 ? 0 : Math.round(Math.acos(Math.max(-1, Math.min(1, dot(pulls[3], pulls[7]) / size))) * 18e4 / Math.PI) / 1e3, // parallel is 0
             looks: dot(W, f), match3: dot(E[3], f), match7: dot(E[7], f), read3: sigmoid(dot(E[3], f) - dot(E[7], f)) };
  }

  window.GanMaths["where-the-label-enters"] = { numbers };
})();

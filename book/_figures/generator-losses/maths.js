// Both losses of a generator at one fake, as functions of the discriminator's logit, and how hard they pull.
(function () {
  "use strict";
  const { linspace, sigmoid, softplus } = window.GanNumbers;
  const L = linspace(-30, 10, 201), PROP = 1e-8; // the constant that some code adds, so that the logarithm never meets 0
  const at = (l) => ({ D: sigmoid(l), saturating: -softplus(l), nonsaturating: softplus(-l), saturating_pull: sigmoid(l), nonsaturating_pull: sigmoid(-l),
                       propped: -Math.log(sigmoid(l) + PROP), propped_pull: sigmoid(l) * sigmoid(-l) / (sigmoid(l) + PROP) });

  function numbers({ l }) {
    const rows = L.map(at), now = at(l);
    return { l: L, ...now, ratio: Math.exp(-l), curves: Object.fromEntries(Object.keys(now).map((key) => [key, rows.map((row) => row[key])])) };
  }

  window.GanMaths["generator-losses"] = { numbers };
})();

// Both losses of a generator at one fake, as functions of the discriminator's logit, and how hard they pull.
(function () {
  "use strict";
  const { linspace, sigmoid, softplus } = window.GanNumbers;
  const L = linspace(-8, 8, 161);
  const at = (l) => ({ D: sigmoid(l), saturating: -softplus(l), nonsaturating: softplus(-l), saturating_pull: sigmoid(l), nonsaturating_pull: sigmoid(-l) });

  function numbers({ l }) {
    const rows = L.map(at), now = at(l);
    return { l: L, ...now, ratio: Math.exp(-l), curves: Object.fromEntries(Object.keys(now).map((key) => [key, rows.map((row) => row[key])])) };
  }

  window.GanMaths["generator-losses"] = { numbers };
})();

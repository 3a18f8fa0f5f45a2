// A translator of pictures, ill or healthy, and two judges: one sees outputs and knows the target, one sees pairs and knows the true ones.
(function () {
  "use strict";
  // Of the inputs a share s is ill, of the target t. `go` is how far the translator goes: 0 changes nothing, 1 matches the target.
  function translate({ s, t, way }, go) {
    const random = way === "random"; // an output drawn from the target, whatever the input
    const gains = go * (random ? t : Math.max(0, (t - s) / (1 - s))), loses = go * (random ? 1 - t : Math.max(0, (s - t) / s));
    const kept = s * (1 - loses), lost = s * loses, invented = (1 - s) * gains, ill = kept + invented;
    // The best judge of two laws, asked about each as often, is right in half of 1 plus their total variation.
    return { kept, lost, invented, ill, gains, loses, outputs: (1 + Math.abs(ill - t)) / 2, pairs: (1 + lost + invented) / 2 };
  }

  function numbers(state) {
    const { gains, loses, outputs, pairs, ...shares } = translate(state, state.go), ends = [0, 1].map((go) => translate(state, go));
    return {
      ...shares, outputs, pairs, outputs_line: ends.map((a) => a.outputs), pairs_line: ends.map((a) => a.pairs),
      gains_percent: 100 * gains, loses_percent: 100 * loses, outputs_percent: 100 * outputs, pairs_percent: 100 * pairs,
      true_percent: 100 * shares.kept / shares.ill,
    };
  }

  window.GanMaths["invented-findings"] = { numbers };
})();

(function () {
  "use strict";
  const { action, choice, define, player, slider } = window.GanFigure;
  const MOST = 1200, on = (by) => (state) => state.t >= MOST ? null : { t: Math.min(MOST, state.t + by(state)) };
  const one = on(() => 1), round = on(({ k, t }) => k + 1 - (t + 1) % (k + 1)); // a round ends when D has answered

  define("one-dimensional-gan", {
    charts: { line: "Data, fakes and the discriminator on a line, and how G maps z to x", way: "Mean and spread of the fakes against the steps" },
    controls: [
      slider("k", "Steps of D for one of G", 1, 20, 1), slider("rateD", "Step size of D", 0.1, 2, 0.1), slider("rateG", "Step size of G", 0.05, 0.5, 0.05),
      choice("loss", "Loss of G", [["non-saturating", "−log D"], ["saturating", "log(1 − D)"]]),
      slider("t", "Steps so far", 0, MOST, 1), slider("start", "Start of the fakes", -2, 2, 0.1, { fold: true }), slider("spread", "Spread of the data", 0.3, 1.2, 0.1, { fold: true }),
      action("One step", one), action("One round", round), player("Run", round),
    ],
    outputs: [["turn", "Moved last"], ["mean", "Mean of the fakes", 3], ["std", "Their spread", 3], ["d_loss", "d_loss", 3], ["g_loss", "g_loss", 3]],
    draw({ line, way }, state, { x, p, q, D, best, mean, std, push, means, stds, turn }) {
      const top = Math.max(0.7, 1.15 * Math.max(...p, ...q)), curve = (values, by = 1) => x.map((v, i) => [v, by * values[i]]), low = -0.6 * top;
      line.begin({ x: [-4, 4], y: [low - 0.1 * top, 1.12 * top], yTicks: [[0, "0"], [top / 2, "½"], [top, "1"]], xTicks: [], yLabel: "D (densities on a scale of their own)", height: 290 });
      line.rule({ y: 0 });
      line.area(curve(p), "real").line(curve(p), "real").area(curve(q), "fake").line(curve(q), "fake");
      line.line(curve(best, top), "disc", { dash: "4 4", width: 1.3 }).line(curve(D, top), "disc", { width: turn === "D" ? 4 : 2.5 });
      for (let z = -2; z <= 2; z += 0.5) line.arrow([z, low], [mean + std * z, -0.03 * top], turn === "G" ? "fake" : "quiet", { width: 1.3 });
      line.text([-3.9, low], "z", "quiet", { dy: 4 }).text([-3.9, 0], "x = G(z)", "quiet", { dy: 15 });
      const height = Math.max(...q), length = Math.max(-2, Math.min(2, push));
      if (Math.abs(length) > 0.02) line.arrow([mean, height], [mean + length, height], "fake", { width: 3 });
      line.text([mean, height], "fakes", "fake", { anchor: "middle", dy: -7, bold: true }).text([1, Math.max(...p)], "data", "real", { anchor: "middle", dy: Math.abs(mean - 1) < 0.9 ? 18 : -7, bold: true });
      line.text([-3.9, top * D[0]], "D", "disc", { dy: -7, bold: true });
      const last = Math.max(60, state.t);
      way.begin({ x: [0, last], y: [-2, 3], xLabel: "steps of either player", height: 230 });
      way.rule({ y: 1 }, "real", "mean of the data").rule({ y: state.spread }, "real");
      way.text([last, Math.min(0.7, state.spread)], "spread of the data", "real", { anchor: "end", dx: -4, dy: 15 });
      way.line(means, "fake").line(stds, "fake", { dash: "6 4" });
      way.dots([means[means.length - 1], stds[stds.length - 1]], "fake", { r: 4 });
      way.text([0, -2], "mean of the fakes; dashed, their spread", "fake", { dx: 5, dy: -6 });
    },
    say(state, { mean, std, off, d_loss, turn, push }) {
      if (![mean, std, d_loss, push].every(Number.isFinite)) return "The fakes have left the picture and the numbers have overflowed: these steps are too large.";
      if (Math.abs(mean) > 4) return `The fakes have left the picture, to the ${mean > 0 ? "right" : "left"}.`;
      const alike = Math.abs(mean - 1) < 0.01 && Math.abs(std - state.spread) < 0.01; // a law may also pass through the data's on its way
      if (alike && off < 0.01 && Math.abs(push) < 0.001) return "The fakes have the law of the data, D says one half everywhere, and neither player has anything to gain.";
      const ahead = turn === "D" ? "D has just moved, towards the dashed best answer" : turn === "G" ? "G has just moved, up the slope that D showed it" : "Nobody has moved: D says one half everywhere";
      const pull = Math.abs(push) < 0.02 ? "hardly pulls" : `pulls to the ${push > 0 ? "right" : "left"}`, wrong = push * (1 - mean) < -0.02 ? ", away from the data" : "";
      return `${ahead}. The fakes' mean is ${Math.abs(mean - 1).toFixed(2)} from the data's and D ${pull}${wrong}; d_loss is ${d_loss.toFixed(2)}.`;
    },
  });
})();

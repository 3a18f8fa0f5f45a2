(function () {
  "use strict";
  const { choice, define, slider } = window.GanFigure;
  const TINY = 1e-9, { GRID } = window.GanMaths["critic-on-a-line"];
  const POINTS = [["x1", "First real point", "real"], ["x2", "Second real point", "real"], ["y1", "First fake", "fake"], ["y2", "Second fake", "fake"]];

  define("critic-on-a-line", {
    side: true,
    charts: { critic: "The best critic of its class in green, the best of slope at most 1 dashed, and the points below" },
    controls: [
      choice("way", "Slope held by", [["truth", "slope at most 1"], ["penalty", "gradient penalty"], ["clipping", "clipped weights"], ["spectral", "spectral norm"]]),
      slider("lambda", "λ of the penalty", 0.5, 20, 0.5), slider("c", "Clipping value c", 0.05, 1, 0.05),
      slider("m", "Hidden units, clipped", 1, 64, 1, { fold: true }), ...POINTS.map(([key, words]) => slider(key, words, -3, 3, 0.5, { fold: true })),
    ],
    outputs: [["w1", "W₁", 3], ["penalty", "Penalty reads", 3], ["clipping", "Clipping reads", 3], ["spectral", "Spectral norm reads", 3], ["slope", "Steepest slope", 3]],
    draw({ critic }, state, { f, best, reading }, set) {
      const all = [...f, ...best, reading], low = Math.min(...all), high = Math.max(...all, low + 1), room = 0.12 * (high - low), ground = low - 2.2 * room;
      critic.begin({ x: [-3.5, 3.5], y: [ground - room, high + 1.5 * room], xLabel: "place", yLabel: "height f", height: 290 });
      critic.rule({ y: reading }, "real").rule({ y: 0 }, "fake");
      critic.line(GRID.map((x, i) => [x, best[i]]), "other", { dash: "5 4", width: 1.5 }).line(GRID.map((x, i) => [x, f[i]]), "disc", { width: 3 });
      if (Math.abs(best[0] - f[0]) > room / 3) critic.text([-3.5, best[0]], "slope ≤ 1", "other", { dx: 5, dy: best[0] > f[0] ? -5 : 14 });
      critic.text([3.5, reading], "mean, real", "real", { anchor: "end", dx: -5, dy: -5 }).text([3.5, 0], "mean, fake", "fake", { anchor: "end", dx: -5, dy: 14 });
      for (const [key, label, kind] of POINTS) {
        const value = (x) => f[Math.round((x + 3.5) * 8)];
        critic.dots([[state[key], value(state[key])]], kind, { r: 4.5, empty: kind === "fake" });
        critic.handle(key, [state[key], ground], { label, kind, axes: "x", step: 0.5, move: (x) => set({ [key]: x }) });
      }
    },
    say({ way, m, c }, { w1, reading, slope }) {
      if (w1 < TINY) return "The real points and the fakes stand on the same places: W₁ is 0, and so is every reading.";
      const reads = `reads ${reading.toFixed(2)}, where W₁ is ${w1.toFixed(2)}`, layer = "The best network of one layer of";
      return {
        truth: `The best function of slope at most 1 reads W₁ itself, ${w1.toFixed(2)}.`,
        penalty: `Over all Lipschitz functions, the best under the penalty ${reads}: slopes above 1, here up to ${slope.toFixed(2)}, gain more than the penalty takes.`,
        clipping: `${layer} ${m} clipped ReLU${m === 1 ? "" : "s"} ${reads}: for these points the reading grows in proportion to units times c², here ${m} · ${c}² = ${(m * c * c).toFixed(2)}.`,
        // Units share a slope of 1, so that the steepest rise and the steepest fall add up to at most 1. The best critics have both exactly where no ramp is one.
        spectral: w1 - reading < TINY ? `${layer} ReLUs with norms at most 1 reads W₁ itself, ${w1.toFixed(2)}: one ramp is a best critic here.`
          : `${layer} ReLUs with norms at most 1 ${reads}: its steepest rise and its steepest fall add up to at most 1, where the best critics both rise and fall at slope 1.`,
      }[way];
    },
  });
})();

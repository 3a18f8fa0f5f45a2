(function () {
  "use strict";
  const { choice, define, slider } = window.GanFigure;
  const { GRID } = window.GanMaths["critic-on-a-line"];
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
      critic.text([3.5, reading], "mean, real", "real", { anchor: "end", dx: -5, dy: -5 }).text([3.5, 0], "mean, fake", "fake", { anchor: "end", dx: -5, dy: 14 });
      for (const [key, label, kind] of POINTS) {
        const value = (x) => f[Math.round((x + 3.5) * 8)];
        critic.dots([[state[key], value(state[key])]], kind, { r: 4.5, empty: kind === "fake" });
        critic.handle(key, [state[key], ground], { label, kind, axes: "x", step: 0.5, move: (x) => set({ [key]: x }) });
      }
    },
    say({ way, m, c }, { w1, reading, slope }) {
      const reads = `reads ${reading.toFixed(2)}, where W₁ is ${w1.toFixed(2)}`;
      return {
        truth: `The best function of slope at most 1 reads W₁ itself, ${w1.toFixed(2)}.`,
        penalty: `Over all functions, the best under the penalty ${reads}: it pays a little to be steeper than 1, here up to ${slope.toFixed(2)}.`,
        clipping: `The best network of one layer of ${m} clipped ReLUs ${reads}: all its units bend at one place, and its slope is at most ${m} · ${c}² = ${(m * c * c).toFixed(2)}.`,
        spectral: `The best network of one layer of ReLUs with norms at most 1 ${reads}: it can bend at one place only.`,
      }[way];
    },
  });
})();

(function () {
  "use strict";
  const { define, slider } = window.GanFigure;
  const LOG2 = Math.log(2);

  define("two-densities", {
    charts: { laws: "Densities of data and fakes, and the best discriminator", far: "JSD and W1 against the distance of the means",
              pull: "Slopes against the distance of the means" },
    controls: [
      slider("real", "Mean of the data", -4, 4, 0.1), slider("fake", "Mean of the fakes", -4, 4, 0.1),
      slider("real_std", "Spread of the data", 0.4, 2, 0.1), slider("fake_std", "Spread of the fakes", 0.4, 2, 0.1),
    ],
    outputs: [["value", "V at D*", 3], ["jsd", "JSD", 3], ["w1", "W₁", 2], ["saturating", "Slope, saturating loss", 3], ["nonsaturating", "Slope, non-saturating loss", 3]],
    draw({ laws, far, pull }, state, now, set) {
      const { x, p, q, best, curves, apart } = now, top = Math.max(0.5, 1.2 * Math.max(...p, ...q)), curve = (values, by = 1) => x.map((v, i) => [v, by * values[i]]);
      laws.begin({ x: [-6, 6], y: [0, top], yTicks: [[0, "0"], [top / 2, "½"], [top, "1"]], yLabel: "D* (densities on a scale of their own)", height: 230 });
      laws.rule({ y: top / 2 });
      laws.area(curve(p), "real").line(curve(p), "real").area(curve(q), "fake").line(curve(q), "fake");
      laws.line(curve(best, top), "disc", { width: 3 });
      const left = best[1] > 0.5;
      laws.text([left ? -5.9 : 5.9, top], "D*", "disc", { anchor: left ? "start" : "end", dy: 16, bold: true });
      const heights = { real: Math.max(...p), fake: Math.max(...q) };
      for (const [kind, words, key] of [["real", "data", "real_std"], ["fake", "fakes", "fake_std"]]) {
        const side = (kind === "real") === (state.real <= state.fake) ? -1 : 1, out = state[kind] + side * state[key];
        laws.text([state[kind], heights[kind]], words, kind, { anchor: apart > 1.2 ? "middle" : side < 0 ? "end" : "start", dx: apart > 1.2 ? 0 : 6 * side, dy: -14, bold: true });
        laws.handle(`${kind} spread`, [out, heights[kind] * Math.exp(-0.5)], { label: `Spread of the ${words}`, kind, axes: "x", step: 0.1, move: (v) => set({ [key]: side * (v - state[kind]) }) });
        laws.handle(kind, [state[kind], heights[kind]], { label: `Mean of the ${words}`, kind, axes: "x", step: 0.1, move: (v) => set({ [kind]: v }) });
      }
      // Limits that hold for every distance, so that the points move and not the scales.
      const high = 8.5, steep = Math.max(4, 1.1 * Math.max(...curves.nonsaturating.map(([, v]) => v)));
      far.begin({ x: [0, 8], y: [0, high], xLabel: "distance of the means", height: 210 });
      far.rule({ y: LOG2 }, "quiet", "log 2").rule({ x: apart });
      far.line(curves.w1, "extra").line(curves.jsd, "other", { width: 3 });
      far.text([0.68 * high, 0.87 * high], "W₁", "extra", { anchor: "end", bold: true }).text([4, LOG2], "JSD", "other", { dy: -7, bold: true });
      far.dots([[apart, now.w1]], "extra", { r: 5 }).dots([[apart, now.jsd]], "other", { r: 5 });
      pull.begin({ x: [0, 8], y: [-0.14 * steep, steep], xLabel: "distance of the means", yLabel: "slope of each by the distance", height: 210 });
      pull.rule({ x: apart }).rule({ y: 0 });
      pull.line(curves.w1_slope, "extra").line(curves.nonsaturating, "fake").line(curves.saturating, "fake", { dash: "6 4" });
      const top_of = curves.nonsaturating.find(([, v]) => v > 0.85 * steep) || curves.nonsaturating[40], early = top_of[0] < 5;
      pull.text(top_of, "−log D", "fake", { anchor: early ? "start" : "end", dx: early ? 8 : -10, dy: early ? 8 : 0, bold: true });
      if (steep > 9) pull.text([7.9, 1], "W₁; below, log(1 − D)", "quiet", { anchor: "end", dy: -6, bold: true });
      else pull.text([7.9, 1], "W₁", "extra", { anchor: "end", dy: -6, bold: true }).text([7.9, 0], "log(1 − D)", "fake", { anchor: "end", dy: 14, bold: true });
      pull.dots([[apart, now.w1_slope]], "extra", { r: 5 }).dots([[apart, now.nonsaturating], [apart, now.saturating]], "fake", { r: 5 });
    },
    say(state, { apart, jsd, w1, saturating, nonsaturating }) {
      if (jsd < 0.0005) return "The two laws agree: D* says one half everywhere, V is −log 4, and nothing pulls on the generator.";
      if (jsd > 0.98 * LOG2) return `The two have parted: the JSD is ${jsd.toFixed(3)} of at most 0.693 and the saturating loss pulls with only ${Math.abs(saturating).toFixed(3)}; the other loss pulls with ${Math.abs(nonsaturating).toFixed(2)}, and W₁ = ${w1.toFixed(2)} still says how far.`;
      if (w1 > 0 && apart < 0.05) return `The means agree and only the spreads differ: no slope by the distance is left, while the JSD is ${jsd.toFixed(3)} and W₁ ${w1.toFixed(2)}.`;
      return `D* is one half where the curves cross; the JSD has used ${Math.round(100 * jsd / LOG2)} % of its way to log 2, and moving the fakes towards the data would lower it.`;
    },
  });
})();

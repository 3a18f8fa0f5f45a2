(function () {
  "use strict";
  const { define, slider, toggle, write } = window.GanFigure;

  define("generator-losses", {
    charts: { losses: "Both losses against the discriminator's logit", pulls: "How hard both losses pull the logit up" },
    controls: [slider("l", "Logit of D at the fake", -30, 10, 0.1), toggle("propped", "typed in with a small constant: −log(D + 10⁻⁸)")],
    outputs: [["D", "D(G(z))", 4], ["saturating_pull", "Pull of log(1 − D)", 4], ["nonsaturating_pull", "Pull of −log D", 4], ["ratio", "Second : first", 2], ["propped_pull", "Pull of −log(D + 10⁻⁸)", 4]],
    draw({ losses, pulls }, state, now, set) {
      const curve = (key) => now.l.map((l, i) => [l, now.curves[key][i]]);
      const far = state.propped || state.l < -8 || state.l > 8, x = far ? [-30, 10] : [-8, 8], most = far ? 31 : 8.5;
      losses.begin({ x, y: [-most, most], xLabel: "logit of D at the fake (left: spotted)", yLabel: "loss of the generator", height: 240 });
      pulls.begin({ x, y: [-0.14, 1.1], yTicks: [0, 0.5, 1], xLabel: "logit of D at the fake (left: spotted)", yLabel: "minus the slope", height: 240 });
      for (const [chart, end] of [[losses, ""], [pulls, "_pull"]]) {
        chart.rule({ y: 0 }).rule({ x: state.l });
        chart.line(curve(`nonsaturating${end}`), "fake").line(curve(`saturating${end}`), "fake", { dash: "6 4" });
        if (state.propped) chart.line(curve(`propped${end}`), "extra").dots([[state.l, now[`propped${end}`]]], "extra", { r: 5 });
        chart.dots([[state.l, now[`saturating${end}`]], [state.l, now[`nonsaturating${end}`]]], "fake", { r: 5 });
        chart.handle("logit", [state.l, end ? -0.07 : -0.87 * most], { label: "Logit of D at the fake", kind: "disc", axes: "x", step: 0.1, move: (l) => set({ l }) });
      }
      losses.text([far ? -22 : -5, far ? 24 : 6.4], "−log D", "fake", { bold: true }).text([far ? 3 : 3.4, far ? -10 : -5.6], "log(1 − D)", "fake", { anchor: "end", bold: true });
      pulls.text([far ? -12 : -7.8, 1], "−log D", "fake", { dy: -4, bold: true }).text([x[1], 1], "log(1 − D)", "fake", { anchor: "end", dx: -2, dy: -4, bold: true });
      if (state.propped) for (const [chart, y] of [[losses, 13], [pulls, 0.4]]) chart.text([-29.5, y], "−log(D + 10⁻⁸)", "extra", { bold: true });
    },
    say({ l, propped }, { D, ratio, saturating_pull, nonsaturating_pull, propped_pull }) {
      if (Math.abs(l) < 0.05) return "At D = ½ both losses pull alike, with ½.";
      if (propped && l < -14) return `The small constant swamps D: typed in like this the loss pulls with ${write(propped_pull, 3)} where −log D pulls with ${write(nonsaturating_pull, 3)}.`;
      return l < 0 ? `D spots the fake (${write(D, 3)}): −log D pulls with ${write(nonsaturating_pull, 3)}, ${write(ratio, ratio < 10 ? 1 : 0)} times as hard as log(1 − D) with ${write(saturating_pull, 3)}.`
        : `D takes the fake for real (${write(D, 3)}): now −log D lets go, with ${write(nonsaturating_pull, 3)}, and log(1 − D) pulls with ${write(saturating_pull, 3)}.`;
    },
  });
})();

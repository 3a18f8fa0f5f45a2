(function () {
  "use strict";
  const { define, slider } = window.GanFigure;

  define("generator-losses", {
    charts: { losses: "Both losses against the discriminator's logit", pulls: "How hard both losses pull the logit up" },
    controls: [slider("l", "Logit of D at the fake", -8, 8, 0.1)],
    outputs: [["D", "D(G(z))", 4], ["saturating_pull", "Pull of log(1 − D)", 4], ["nonsaturating_pull", "Pull of −log D", 4], ["ratio", "Second : first", 2]],
    draw({ losses, pulls }, state, now, set) {
      const curve = (key) => now.l.map((l, i) => [l, now.curves[key][i]]);
      losses.begin({ x: [-8, 8], y: [-8.5, 8.5], xLabel: "logit of D at the fake (left: spotted)", yLabel: "loss of the generator", height: 240 });
      pulls.begin({ x: [-8, 8], y: [-0.14, 1.1], yTicks: [0, 0.5, 1], xLabel: "logit of D at the fake (left: spotted)", yLabel: "minus the slope", height: 240 });
      for (const [chart, end] of [[losses, ""], [pulls, "_pull"]]) {
        chart.rule({ y: 0 }).rule({ x: state.l });
        chart.line(curve(`nonsaturating${end}`), "fake").line(curve(`saturating${end}`), "fake", { dash: "6 4" });
        chart.dots([[state.l, now[`saturating${end}`]], [state.l, now[`nonsaturating${end}`]]], "fake", { r: 5 });
        chart.handle("logit", [state.l, end ? -0.07 : -7.4], { label: "Logit of D at the fake", kind: "disc", axes: "x", step: 0.1, move: (l) => set({ l }) });
      }
      losses.text([-5, 6.4], "−log D", "fake", { bold: true }).text([3.4, -5.6], "log(1 − D)", "fake", { anchor: "end", bold: true });
      pulls.text([-7.8, 1], "−log D", "fake", { dy: -4, bold: true }).text([7.8, 1], "log(1 − D)", "fake", { anchor: "end", dy: -4, bold: true });
    },
    say({ l }, { D, ratio, saturating_pull, nonsaturating_pull }) {
      if (Math.abs(l) < 0.05) return "At D = ½ both losses pull alike, with ½.";
      return l < 0 ? `D spots the fake (${D.toFixed(3)}): −log D pulls with ${nonsaturating_pull.toFixed(3)}, ${ratio.toFixed(ratio < 10 ? 1 : 0)} times as hard as log(1 − D) with ${saturating_pull.toFixed(3)}.`
        : `D takes the fake for real (${D.toFixed(3)}): now −log D lets go, with ${nonsaturating_pull.toFixed(3)}, and log(1 − D) pulls with ${saturating_pull.toFixed(3)}.`;
    },
  });
})();

(function () {
  "use strict";
  const { action, choice, define, slider, write } = window.GanFigure;
  const OUT = [1.15, 1.4], WANTED = [1.7, 1.95], middle = ([a, b]) => (a + b) / 2, percent = (v) => `${write(v, 0)}\u00a0%`;

  define("invented-findings", {
    side: true,
    charts: { pictures: "Inputs by what comes out, and the ill among outputs and target", judges: "How often each judge is right, by how far the translator goes" },
    controls: [
      slider("go", "How far it goes", 0, 1, 0.05), slider("s", "Ill inputs", 0.05, 0.95, 0.05), slider("t", "Ill in the target", 0.05, 0.95, 0.05),
      choice("way", "It changes", [["least", "the least"], ["random", "at random"]]),
      action("Change nothing", () => ({ go: 0 })),
    ],
    outputs: [["gains_percent", "Healthy made ill, %", 1], ["loses_percent", "Ill made healthy, %", 1], ["true_percent", "Ill outputs truly ill, %", 1],
              ["outputs_percent", "Judge of outputs right, %", 1], ["pairs_percent", "Judge of pairs right, %", 1]],
    draw({ pictures, judges }, { s, t, go }, now, set) {
      const edge = 1 - s, gains = now.gains_percent / 100, stays = 1 - now.loses_percent / 100;
      pictures.begin({ x: [-0.02, 2.06], y: [0, 1.06], yLabel: "share that is ill", height: 250, left: 50, yTicks: [[0, "0"], [0.5, "50 %"], [1, "100 %"]],
        xTicks: [[edge / 2, "healthy"], [1 - s / 2, "ill"], [middle(OUT), "output"], [middle(WANTED), "target"]] });
      pictures.rect([0, 0], [edge, gains], "fake", { opacity: 0.55 }).rect([edge, 0], [1, stays], "real", { opacity: 0.8 });
      pictures.rect([0, 0], [edge, 1], "quiet", { outline: true }).rect([edge, 0], [1, 1], "quiet", { outline: true });
      pictures.rect([OUT[0], 0], [OUT[1], now.kept], "real", { opacity: 0.8 }).rect([OUT[0], now.kept], [OUT[1], now.ill], "fake", { opacity: 0.55 });
      pictures.rect([WANTED[0], 0], [WANTED[1], t], "real", { opacity: 0.8 });
      if (edge > 0.5 && gains > 0.1) pictures.text([edge / 2, gains / 2], "invented", "ink", { anchor: "middle", dy: 4, bold: true });
      if (s > 0.3 && stays < 0.9) pictures.text([1 - s / 2, (1 + stays) / 2], "lost", "ink", { anchor: "middle", dy: 4, bold: true });
      pictures.handle("s", [edge, 1], { label: "Where healthy inputs end and ill ones begin", kind: "ink", axes: "x", step: 0.05, move: (x) => set({ s: 1 - x }) });
      pictures.handle("t", [middle(WANTED), t], { label: "Ill in the target", kind: "real", axes: "y", step: 0.05, move: (_, y) => set({ t: y }) });

      const [a, b] = [now.outputs_line, now.pairs_line], low = a[0] < 0.62;
      judges.begin({ x: [-0.03, 1.03], y: [0.4, 1.06], xLabel: "how far it goes to the target", yLabel: "how often the judge is right", height: 215, left: 50,
        xTicks: [[0, "0"], [0.5, "½"], [1, "1"]], yTicks: [[0.5, "50 %"], [0.75, "75 %"], [1, "100 %"]] });
      judges.rule({ y: 0.5 }).rule({ x: go });
      judges.line([[0, a[0]], [1, a[1]]], "disc", { dash: "6 4" }).line([[0, b[0]], [1, b[1]]], "disc", { width: 2.5 });
      judges.text([0, a[0]], "of outputs", "disc", { dy: low ? 17 : -8, bold: true });
      judges.text([1, b[1]], "of pairs", "disc", { anchor: "end", dy: -8, bold: true });
      judges.dots([[go, now.outputs]], "disc", { r: 6, empty: true });
      judges.handle("go", [go, now.pairs], { label: "How far the translator goes", kind: "disc", axes: "x", step: 0.05, move: (x) => set({ go: x }) });
    },
    say({ s, t }, now) {
      const same = Math.abs(s - t) < 1e-9, touched = now.lost + now.invented > 1e-9, can = Math.abs(now.ill - t) < 1e-9;
      if (!touched && same) return "Inputs and target hold the same share of ill pictures: here matching the target needs no change, and both judges can only guess.";
      if (!touched) return `Nothing is changed. The judge of pairs can only guess, but the judge of outputs is right in ${percent(now.outputs_percent)}: the share of ill pictures is not the target's.`;
      const what = [now.invented > 1e-9 && `${percent(now.gains_percent)} of the healthy come out ill`, now.lost > 1e-9 && `${percent(now.loses_percent)} of the ill come out healthy`].filter(Boolean).join(" and ");
      return can ? `${what}, and who sees the output alone can only guess; who sees input and output is right in ${percent(now.pairs_percent)}.`
        : `${what}; the judge of outputs is right in ${percent(now.outputs_percent)}, the judge of pairs in ${percent(now.pairs_percent)}.`;
    },
  });
})();

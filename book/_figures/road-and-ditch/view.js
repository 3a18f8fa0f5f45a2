(function () {
  "use strict";
  const { define, slider, write } = window.GanFigure, percent = (v, digits = 0) => `${write(v, digits)}\u00a0%`;

  define("road-and-ditch", {
    side: true,
    charts: { walk: "The chance to be on the road, step by step", apart: "How far the clone's occupancy is from the expert's, by its errors a step" },
    controls: [slider("eps", "Errors a step ε", 0, 0.3, 0.01), slider("back", "Way out of the ditch", 0, 1, 0.05), slider("gamma", "Discount γ", 0.5, 0.99, 0.01)],
    outputs: [["ditch_percent", "Time in the ditch, %", 1], ["tv", "TV of the occupancies", 3], ["bound", "Bound ε / (1 − γ)", 3], ["jsd", "Their JSD", 3]],
    draw({ walk, apart }, { eps, gamma }, now, set) {
      const last = now.way.length - 1, line = (list) => list.map((v, t) => [t, v]), end = now.way[last];
      walk.begin({ x: [0, last], y: [0, 1.12], xLabel: "step", yLabel: "chance to be on the road", height: 200, yTicks: [[0, "0"], [0.5, "½"], [1, "1"]] });
      walk.line(line(now.fading), "other", { dash: "2 4", width: 1.5 }).line([[0, 1], [last, 1]], "real").line(line(now.way), "fake", { width: 3 });
      walk.text([last, 1], "expert", "real", { anchor: "end", dx: -5, dy: -6, bold: true });
      if (eps) walk.text([last, end], "clone", "fake", { anchor: "end", dx: -5, dy: end > 0.2 ? 17 : -8, bold: true });
      walk.text([0, 0], "dotted: what a step counts", "other", { dx: 5, dy: -6 });

      apart.begin({ x: [0, 0.3], y: [0, 1.12], xLabel: "errors a step on the road", yLabel: "distance of occupancies", height: 220, xTicks: [0, 0.1, 0.2, 0.3], yTicks: [[0, "0"], [0.5, "½"], [1, "1"]] });
      const top = 1.12 * (1 - gamma), x = Math.min(0.3, top);
      apart.line([[0, 0], [x, x / (1 - gamma)]], "other", { dash: "6 4", width: 1.5 }).line([[0, 0], [0.3, 0.3]], "other", { dash: "2 4", width: 1.5 });
      apart.line(now.curve, "fake", { width: 2.5 });
      apart.text([0.3, 0.3], "ε itself", "other", { anchor: "end", dx: -5, dy: 17 });
      if (top < 0.2) apart.text([top, 1.12], "bound", "other", { dx: 6, dy: 13 });
      else apart.text([x, x / (1 - gamma)], "bound", "other", { anchor: "end", dx: -9, dy: 4 });
      apart.handle("eps", [eps, now.tv], { label: "Errors a step", kind: "fake", axes: "x", step: 0.01, move: (to) => set({ eps: to }) });
    },
    say({ eps, gamma }, { ditch, tv, bound }) {
      if (!eps) return "A clone that never errs is the expert, and both occupancies are the same.";
      const start = `The clone errs in ${percent(100 * eps)} of its steps on the road, spends ${percent(100 * ditch, 1)} of its time in the ditch, and for ${percent(100 * tv, 1)} of its time does not do what the expert does`;
      return bound < 0.9999 ? `${start}; the bound promises that it is at most ${percent(100 * bound, 1)}.` : `${start}; with γ = ${write(gamma, 2)} the bound, ${write(bound, 2)}, promises nothing.`;
    },
  });
})();

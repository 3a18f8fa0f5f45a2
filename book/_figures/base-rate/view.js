(function () {
  "use strict";
  const { action, define, slider, write } = window.GanFigure;
  const COLUMNS = 40, place = (i) => [i % COLUMNS, Math.floor(i / COLUMNS)];

  define("base-rate", {
    charts: { crowd: "A thousand pictures, fakes first, and the alarms among them", line: "Share of alarms that are right, by the share of fakes" },
    controls: [
      slider("base", "Fakes among the pictures, %", 0.1, 50, 0.1), slider("hits", "Fakes that are found, %", 1, 99.9, 0.1),
      slider("alarms", "Real ones called fake, %", 0.01, 99.9, 0.01),
      action("About one alarm in two right", (state) => ({ alarms: state.base * state.hits / (100 - state.base) })),
    ],
    outputs: [["right", "Right alarms in 1,000", 1], ["wrong", "False alarms in 1,000", 1], ["worth", "Alarms that are right, %", 1], ["unseen", "Fakes among the rest, %", 2]],
    draw({ crowd, line }, { base }, now, set) {
      const [found, missed, called, quiet] = now.dots, all = Array.from({ length: 1000 }, (_, i) => place(i));
      const a = found, b = a + missed, c = b + called;
      crowd.begin({ x: [-1, COLUMNS], y: [25, -1], height: 260, axes: false });
      crowd.dots(all.slice(c, c + quiet), "quiet", { r: 1.2 });
      crowd.dots(all.slice(b, c), "real", { r: 3 });
      crowd.dots(all.slice(a, b), "fake", { r: 2.4, empty: true });
      crowd.dots(all.slice(0, a), "fake", { r: 3 });
      line.begin({ x: [0.1, 50], y: [0, 105], xLabel: "fakes among the pictures, %", yLabel: "alarms that are right, %", height: 220, logX: true,
        xTicks: [[0.1, "0.1"], [1, "1"], [10, "10"], [50, "50"]] });
      line.rule({ y: 50 }, "quiet", "one in two");
      line.line(now.curve, "disc", { width: 3 });
      line.handle("base", [base, now.worth], { label: "Fakes among the pictures, percent", kind: "disc", axes: "x", step: 0.1, move: (x) => set({ base: x }) });
    },
    say({ base, hits, alarms }, now) {
      const head = `With ${write(base, 1)}\u00a0% of fakes, 1,000 pictures give ${write(now.right, 1)} right alarms (orange) and ${write(now.wrong, 1)} false ones (blue)`;
      if (hits <= alarms + 1e-9) return `${head}. The detector calls real pictures fake at least as often as fakes, so an alarm says nothing, or the opposite.`;
      const half = Math.abs(now.worth - 50) < 0.05 ? "as many right as wrong" : now.worth > 50 ? "an alarm is more likely right than wrong" : "an alarm is more likely wrong than right";
      return `${head}, so ${half}: ${write(now.worth, 1)}\u00a0% are right.`;
    },
  });
})();

(function () {
  "use strict";
  const { choice, define, slider, write } = window.GanFigure;
  const few = (v) => write(v, v >= 10 ? 1 : v >= 0.1 ? 2 : 4);
  const short = (v) => v >= 1000 ? `${write(v / 1000, 1)} T` : v >= 100 ? `${write(v, 0)} G` : `${write(v, 1)} G`;

  define("roofline", {
    side: true,
    charts: { roof: "The roof of a machine" },
    controls: [
      choice("what", "Operation", [["product", "product of two n × n matrices"], ["sum", "sum of two n × n matrices"]]),
      slider("n", "Rows n", 3, 13, 1, { words: (n) => String(2 ** n) }),
      slider("p", "Peak P, flop/s", 1, 5, 0.1, { words: (p) => short(10 ** p) }), slider("r", "Memory R, B/s", 0.5, 4, 0.1, { words: (r) => short(10 ** r) }),
    ],
    outputs: [["intensity", "Flops a byte", 3], ["arithmetic", "Arithmetic alone, ms", 4], ["memory", "Memory alone, ms", 4], ["reached", "At most, Gflop/s", 2], ["bound", "Bound by"]],
    draw({ roof }, state, n, set) {
      const low = 0.01, high = 3000, floor = 0.02, top = 2e5;
      roof.begin({ x: [low, high], y: [floor, top], logX: true, logY: true, height: 300, xLabel: "flops for each byte", yLabel: "Gflop/s" });
      roof.line([[low, n.rate * low], [n.ridge, n.peak], [high, n.peak]], "disc", { width: 2.5 });
      roof.line([[n.intensity, floor], [n.intensity, n.reached]], "quiet", { dash: "4 3", width: 1.2 });
      roof.text([0.012, n.rate * 0.012], "memory: R × flops a byte", "disc", { dx: 2, dy: -16 });
      roof.text([high, n.peak], "arithmetic: P", "disc", { anchor: "end", dx: -4, dy: -10 });
      roof.dots([[n.intensity, n.reached]], "fake", { r: 6 });
      roof.handle("ridge", [n.ridge, n.peak], { label: "Corner of the roof: peak P", kind: "disc", axes: "y", step: 0.2 * n.peak,
        move: (x, y) => set({ p: Math.log10(Math.max(1, y)) }) });
    },
    say(state, n) {
      const name = `${state.what === "product" ? "The product" : "The sum"} of two matrices with ${n.rows} rows`;
      return n.bound === "arithmetic"
        ? `${name} does ${few(n.intensity)} flops for each byte, at least the ${few(n.ridge)} at the corner: arithmetic bounds it, and it may reach the peak.`
        : `${name} does ${few(n.intensity)} flops for each byte, fewer than the ${few(n.ridge)} at the corner: memory bounds it, to ${write(n.share, n.share < 1 ? 2 : 0)} % of the peak.`;
    },
  });
})();

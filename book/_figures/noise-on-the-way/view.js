(function () {
  "use strict";
  const { action, define, slider } = window.GanFigure;

  define("noise-on-the-way", {
    charts: { way: "The honest picture, the same with the code, and what F sees", belief: "What F believes about the colour", left: "Error that is left against the noise" },
    controls: [
      slider("noise", "Noise s", 0.01, 2, 0.01), slider("shade", "Shading ε", 0.01, 0.2, 0.01),
      slider("side", "Pixels", 1, 16, 1, { words: (side) => String(side * side) }), slider("colour", "Colour c", -2, 2, 0.1),
      action("Fresh noise", ({ seed }) => ({ seed: seed % 99 + 1 })),
    ],
    outputs: [["guess", "F's guess of c", 2], ["left", "Error of this code on average", 3], ["cure", "Noise that leaves one half, √d ε", 2]],
    draw({ way, belief, left }, { side, noise, colour }, now, set) {
      way.begin({ x: [0, 3], y: [0, 1], square: true, most: 420, yTicks: null, xTicks: [[0.5, "honest"], [1.5, "with code"], [2.5, "F sees"]] });
      const cut = (list) => list.map((v) => Math.max(-1, Math.min(1, v)));
      way.pictures([[now.sent.map(() => 0), cut(now.sent), cut(now.seen)]], side, { gap: 0, crisp: true });
      for (const x of [1, 2]) way.line([[x, 0], [x, 1]], "ink", { width: 2 });
      const top = 1.2 * Math.max(0.5, ...now.belief.map((p) => p[1]));
      belief.begin({ x: [-3, 3], y: [0, top], yTicks: null, xLabel: "colour c", height: 210 });
      belief.line(now.before, "quiet", { width: 1.5 }).area(now.belief, "disc").line(now.belief, "disc").rule({ x: colour }, "real");
      belief.text([now.guess > 0 ? -2.9 : 2.9, top], "F's belief", "disc", { anchor: now.guess > 0 ? "start" : "end", dy: 18, bold: true });
      belief.text([now.guess > 0 ? -2.9 : 2.9, top], "true colour", "real", { anchor: now.guess > 0 ? "start" : "end", dy: 36, bold: true });
      belief.handle("colour", [colour, 0], { label: "Colour", kind: "real", axes: "x", step: 0.1, move: (c) => set({ colour: c }) });
      left.begin({ x: [0.01, 2], y: [0, 1.08], logX: true, xLabel: "noise s", yLabel: "mean squared error, 1: blind", height: 210, xTicks: [0.01, 0.1, 1] });
      left.rule({ y: 0.5 }).line(now.bound, "extra").line(now.plain, "disc", { width: 3 });
      const spot = (list, height) => list.find((p) => p[1] > height) || list[list.length - 1], [a, b] = [spot(now.plain, 0.75), spot(now.bound, 0.25)];
      left.text(a, "this code", "disc", a[0] < 0.1 ? { dx: 6, dy: 30, bold: true } : { anchor: "end", dx: -8, dy: 0, bold: true });
      if (now.d > 1) left.text(b, "bound", "extra", b[0] > 0.7 ? { anchor: "end", dx: -8, dy: 12, bold: true } : { dx: 10, dy: 12, bold: true });
      left.handle("noise", [noise, now.left], { label: "Noise", kind: "disc", axes: "x", step: 0.02, move: (s) => set({ noise: s }) });
    },
    say(state, { d, left, least, times, cure }) {
      const size = Math.abs(times - 1) < 1e-9 ? "as large as" : `${times.toFixed(times < 10 ? 2 : 0)} times`;
      const pixels = d === 1 ? "one pixel leaves" : `${d} pixels together leave`;
      if (state.noise < cure - 1e-9) return `The noise is ${size} the shading, ${times < 1 ? "and" : "yet"} ${pixels} a mean squared error of ${left.toFixed(3)}, less than half of a blind guess's.`;
      return `The noise is ${size} the shading, enough for this code: ${pixels} a mean squared error of ${left.toFixed(3)}. No code of this size gets below ${least.toFixed(3)}.`;
    },
  });
})();

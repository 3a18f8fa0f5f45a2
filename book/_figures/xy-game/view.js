(function () {
  "use strict";
  const { action, choice, define, player, slider, toggle, write } = window.GanFigure;
  const MOST = 400;
  const on = (by) => ({ t }) => t >= MOST ? null : { t: Math.min(MOST, t + by) };
  const HOW = { simultaneous: "spirals outwards", alternating: "goes round and round", extragradient: "spirals into the centre" };

  define("xy-game", {
    side: true,
    charts: { plane: "The plane of the two players", way: "Distance from the centre against the steps, for each rule" },
    controls: [
      choice("rule", "Rule", [["simultaneous", "both step at once"], ["alternating", "one after the other"], ["extragradient", "look ahead first (extragradient)"]]),
      slider("h", "Step size h", 0.05, 1, 0.05), slider("x", "Start of x", -1.5, 1.5, 0.1), slider("y", "Start of y", -1.5, 1.5, 0.1),
      slider("t", "Steps taken", 0, MOST, 1), toggle("mean", "mark the mean of all places so far"),
      action("One step", on(1)), player("Run", on(1)),
    ],
    outputs: [["growth", "Growth factor of a step, in the long run", 4], ["radius", "Distance from the centre", 3], ["mean_radius", "Distance of the mean", 3], ["product", "V = xy", 3]],
    draw({ plane, way }, state, { path, mean, distances }, set) {
      const far = Math.max(2, ...path.map((p) => 1.08 * Math.max(Math.abs(p[0]), Math.abs(p[1])))), reach = [-far, far];
      plane.begin({ x: reach, y: reach, square: true, xLabel: "x, who minimises xy", yLabel: "y, who maximises xy", most: 360 });
      plane.rule({ x: 0 }).rule({ y: 0 });
      for (let i = -3; i <= 3; i++) for (let j = -3; j <= 3; j++) { // where both would go: (-y, x), at a quarter turn to the centre
        const [a, b] = [i * far / 3.5, j * far / 3.5];
        plane.arrow([a + 0.06 * b, b - 0.06 * a], [a - 0.06 * b, b + 0.06 * a], "quiet", { width: 1 });
      }
      plane.line(path, "other", { width: 1.5 }).dots(path.slice(1), "other", { r: 2.5 });
      plane.dots([path[path.length - 1]], "fake", { r: 6 });
      if (state.mean) plane.dots([mean], "disc", { r: 6, cross: true }).text(mean, "mean", "disc", { dx: 9, dy: 4 });
      plane.handle("start", [state.x, state.y], { label: "Start of the game", kind: "real", step: 0.1, move: (x, y) => set({ x, y }) });
      const last = Math.max(20, state.t), all = Object.values(distances).flat(), floor = Math.max(1e-6, Math.min(0.2, ...all)), top = Math.max(4, ...all), pad = (top / floor) ** 0.15, low = floor / pad, high = top * pad;
      way.begin({ x: [0, last], y: [low, high], logY: true, xLabel: "steps", yLabel: "distance from the centre", height: 200 });
      for (const [name, list] of Object.entries(distances)) {
        const mine = name === state.rule;
        way.line(list.map((r, k) => [k, Math.max(low, r)]), mine ? "fake" : "quiet", { width: mine ? 3 : 1.3 });
      }
      const words = { simultaneous: ["both at once", -8], alternating: ["in turns", -7], extragradient: ["look ahead", 15] };
      if (state.t >= 10) for (const [name, [word, dy]] of Object.entries(words)) {
        way.text([last, Math.max(low, distances[name][state.t])], word, name === state.rule ? "fake" : "quiet", { anchor: "end", dx: -5, dy });
      }
    },
    say(state, { ratio }) {
      if (state.x === 0 && state.y === 0) return "At the centre neither player has a slope, so nobody moves.";
      const ahead = state.t === 0 ? "Nobody has moved yet" : `After ${state.t === 1 ? "one step" : `${state.t} steps`} the pair is at ${write(ratio, 2)} times its first distance from the centre`;
      return `${ahead}; with this rule the path ${state.rule === "extragradient" && state.h >= 1 ? "keeps its distance at h = 1" : HOW[state.rule]}.`;
    },
  });
})();

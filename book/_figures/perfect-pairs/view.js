(function () {
  "use strict";
  const { action, choice, define, slider } = window.GanFigure;

  define("perfect-pairs", {
    charts: { plane: "A letter in X, where G sends it, and where it belongs", walk: "Losses and distances against the turn of G" },
    controls: [
      slider("turn", "G turns by", -180, 180, 5), slider("truth", "Truth turns by", -180, 180, 5),
      slider("stretch", "G stretches by", 0.7, 1.4, 0.05), slider("slip", "F misses it by", -60, 60, 5),
      choice("mirror", "Kind of G", [["plain", "not mirrored"], ["mirrored", "mirrored"]]),
      action("Take the nearest map", () => ({ turn: 0, mirror: "plain", stretch: 1, slip: 0 })),
    ],
    outputs: [["laws", "Error of the laws", 2], ["cycle", "Cycle error", 2], ["moved", "Move", 2], ["error", "From the truth", 2]],
    draw({ plane, walk }, state, now, set) {
      plane.begin({ x: [-3.5, 3.5], y: [-3.5, 3.5], square: true, most: 290, xTicks: null, yTicks: null });
      plane.dots(now.cloud, "quiet", { r: 1.4, opacity: 0.5 });
      const letter = (points, kind, dash) => {
        if (!dash) plane.area([...points, points[0]], kind, points[0][1]);
        plane.line([...points, points[0]], kind, { dash, width: 1.8 });
        return [0, 1].map((k) => points.reduce((sum, p) => sum + p[k], 0) / points.length);
      };
      const from = letter(now.points, "real"), right = letter(now.partners, "real", "5 2"), to = letter(now.sent, "fake");
      plane.arrow(from, to, "other", { width: 1.5 });
      if (state.slip) plane.arrow(to, letter(now.returned, "fake", "2 3"), "fake", { width: 1.3, dash: "2 3" });
      const named = []; // outwards from the centre, none upon another
      for (const [middle, word, kind] of [[to, "G", "fake"], [from, "in X", "real"], [right, "truth", "real"]]) {
        const far = 1 + 1.25 / Math.hypot(...middle), [x, y] = middle.map((v) => far * v);
        if (named.some(([u, w]) => Math.abs(u - x) < 1.2 && Math.abs(w - y) < 0.5)) continue;
        named.push([x, y]);
        plane.text([x, y], word, kind, { anchor: "middle", dy: 4, bold: true });
      }
      const { judged, moved, error } = now.curves, top = 1.15 * Math.max(...moved.concat(error, judged).map((one) => one[1]));
      walk.begin({ x: [-180, 180], y: [-0.15 * top, top], xLabel: "turn of G (degrees)", yLabel: "mean squared distance", xTicks: [-180, -90, 0, 90, 180], height: 300 });
      walk.rule({ x: state.turn }).line(moved, "other").line(error, "fake").line(judged, "disc", { width: 3 });
      const peak = error.reduce((best, one) => one[1] > best[1] ? one : best), side = peak[0] > 0 ? 1 : -1, ends = ["start", "middle", "end"];
      walk.text(peak, "from the truth", "fake", { anchor: ends[1 + (Math.abs(peak[0]) > 110 ? side : 0)], dx: Math.abs(peak[0]) > 110 ? -4 * side : 0, dy: -6, bold: true });
      walk.text([-179 * side, moved[0][1]], "move", "other", { anchor: ends[1 - side], dx: 4 * side, dy: -8, bold: true });
      walk.text([state.turn < 0 ? 90 : -90, now.judged], "laws + cycle", "disc", { anchor: "middle", dy: now.judged > 0.4 * top ? -8 : 16, bold: true });
      walk.dots([[state.turn, now.moved]], "other", { r: 5 }).dots([[state.turn, now.error]], "fake", { r: 5 });
      walk.handle("turn", [state.turn, now.judged], { label: "Turn of G", kind: "disc", axes: "x", step: 5, move: (turn) => set({ turn }) });
    },
    say({ turn, mirror, stretch, slip }, { error, chance }) {
      const wrong = [stretch !== 1 && "the laws are wrong, which adversaries see", slip !== 0 && "F does not undo G, which the cycle sees"].filter(Boolean).join(", and ");
      if (wrong) return `Here ${wrong}; how much they see is the same at every turn.`;
      if (error < 1e-9) return "This perfect pair is the true one, and the losses are as content at every other turn.";
      if (turn === 0 && mirror === "plain") return `Of all perfect linear pairs this one moves points least. It is not the true one here: its mean squared distance from the truth is ${error.toFixed(2)}.`;
      return `A perfect pair: right laws, cycle error 0, and a mean squared distance of ${error.toFixed(2)} from the truth. An answer drawn from Y at random has ${chance.toFixed(2)}.`;
    },
  });
})();

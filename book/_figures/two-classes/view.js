(function () {
  "use strict";
  const { action, choice, define, slider, toggle } = window.GanFigure;
  const FAR = 6, place = (key, label) => slider(key, label, -FAR, FAR, 0.1, { fold: true });

  // Where a x² + b x + c = 0.
  function roots(a, b, c) {
    if (Math.abs(a) < 1e-9) return Math.abs(b) < 1e-9 ? [] : [-c / b];
    const d = b * b - 4 * a * c;
    return d < 0 ? [] : [1, -1].map((sign) => (-b + sign * Math.sqrt(d)) / (2 * a));
  }
  // The curve where the log odds are zero, as points: along each column and each row, since either may be steep.
  function border({ square: [A, B, C] = [0, 0, 0], w: [u, v], b }) {
    const points = [];
    for (let k = 0; k <= 300; k++) {
      const t = FAR * (k / 150 - 1);
      for (const y of roots(C, 2 * B * t + v, A * t * t + u * t + b)) points.push([t, y]);
      for (const x of roots(A, 2 * B * t + u, C * t * t + v * t + b)) points.push([x, t]);
    }
    return points.filter((p) => Math.max(Math.abs(p[0]), Math.abs(p[1])) < FAR);
  }
  // Places at a curve, from the top down, where two words have room beside it: clear of the other curves, of the far point and its name.
  function freeSpots(old, others, { ox, oy }) {
    const some = others.flat().filter((_, i) => i % 6 === 0).concat(old.filter((_, i) => i % 6 === 0));
    const name = ox > 2 ? [ox - 3.6, ox + 0.4] : [ox - 0.4, ox + 3.6];
    return old.filter((p, i) => i % 6 === 0 && p[1] < 5.4 && p[1] > -4.6).sort((a, b) => b[1] - a[1]).flatMap((at) => [-1, 1].map((side) => {
      const [low, high] = [at[0] + 0.4 * side, at[0] + 3.4 * side].sort((a, b) => a - b);
      const free = low > -FAR && high < FAR && !(low < name[1] && high > name[0] && Math.abs(at[1] - oy) < 0.9)
        && !some.some(([x, y]) => x > low && x < high && Math.abs(y - at[1]) < 0.4);
      return { at, side, free };
    })).filter((spot) => spot.free);
  }
  const ellipse = ([mx, my], [a, b, c]) => Array.from({ length: 73 }, (_, i) => {
    const t = i * Math.PI / 36, p = 2 * Math.cos(t), q = 2 * Math.sin(t), root = Math.sqrt(a);
    return [mx + root * p, my + b / root * p + Math.sqrt(c - b * b / a) * q];
  });

  define("two-classes", {
    side: true,
    charts: { plane: "Two classes in the plane, and the borders of two models" },
    controls: [
      choice("shapes", "Density model", [["shared", "one shape"], ["own", "two shapes"]]),
      toggle("outlier", "the far point of class 1"), toggle("fresh", "draw from the density model"),
      slider("s0", "Spread of class 0", 0.3, 1.5, 0.1), slider("s1", "Spread of class 1", 0.3, 1.5, 0.1), slider("rho", "Correlation", -0.9, 0.9, 0.1),
      place("ox", "Far point, across"), place("oy", "Far point, up"), place("x0", "Class 0, across"), place("y0", "Class 0, up"), place("x1", "Class 1, across"), place("y1", "Class 1, up"),
      action("Draw the data again", ({ seed }) => ({ seed: seed % 99 + 1 })),
    ],
    outputs: [["density_turn", "The far point turns the density model's border by (degrees)", 1], ["classifier_turn", "and the classifier's by", 1],
              ["density_errors", "Errors of the density model on the 30 of the clouds", 0], ["classifier_errors", "of the classifier", 0]],
    draw({ plane }, state, { zero, one, means, covs, density, before, classifier, made }, set) {
      plane.begin({ x: [-FAR, FAR], y: [-FAR, FAR], square: true, most: 380 });
      plane.dots(zero, "real").dots(one, "extra");
      means.forEach((mean, k) => plane.line(ellipse(mean, covs[k]), "fake", { dash: "4 4", width: 1.3 }));
      made.forEach(([k, x, y]) => plane.dots([[x, y]], "fake", { r: 3.5, cross: k === 0, empty: true }));
      if (before) {
        const old = border(before), spots = freeSpots(old, [border(density), border(classifier)], state);
        plane.dots(old.filter((_, i) => i % 16 < 6), "fake", { r: 0.9 });
        if (spots.length) plane.text(spots[0].at, "without it", "fake", { anchor: spots[0].side < 0 ? "end" : "start", dx: 7 * spots[0].side, dy: 4 });
      }
      const curves = [border(density), border(classifier)];
      plane.dots(curves[0], "fake", { r: 1.4 }).dots(curves[1], "disc", { r: 1.4 });
      const lowest = (curve) => curve.reduce((best, p) => p[1] < best[1] ? p : best, [0, FAR]), [low, other] = curves.map(lowest);
      const left = low[0] < other[0];
      plane.text([Math.max(-2, Math.min(2, low[0])), -FAR], "density model", "fake", { anchor: left ? "end" : "start", dx: left ? -6 : 6, dy: -8, bold: true });
      plane.text([Math.max(-2, Math.min(2, other[0])), -FAR], "classifier", "disc", { anchor: left ? "start" : "end", dx: left ? 6 : -6, dy: -8, bold: true });
      const grip = (key, kind, label, [x, y]) => plane.handle(key, [state[x], state[y]], { kind, label, step: 0.1, move: (a, b) => set({ [x]: a, [y]: b }) });
      grip("zero", "real", "Middle of class 0", ["x0", "y0"]);
      grip("one", "extra", "Middle of class 1", ["x1", "y1"]);
      if (state.outlier) { grip("far", "extra", "The far point", ["ox", "oy"]); plane.text([state.ox, state.oy], "far point", "extra", { anchor: state.ox > 2 ? "end" : "start", dx: state.ox > 2 ? -13 : 13, dy: 4 }); }
    },
    say({ outlier, fresh, shapes }, { density_turn, classifier_turn, density_errors, classifier_errors, drawn }) {
      if (fresh) return `The ${drawn} orange samples (crosses for class 0, rings for class 1) come from the density model; the classifier knows its line and has nothing to draw from.`;
      if (shapes === "own") return "With a shape for each class the density model's border is a curve; the classifier's stays a line.";
      if (!outlier) return `Without a far point, of the 30 points the density model's border leaves ${density_errors} on the wrong side and the classifier's ${classifier_errors}.`;
      const turns = `${density_turn.toFixed(1)} degrees and the classifier's by ${classifier_turn.toFixed(1)}`;
      if (Math.max(density_turn, classifier_turn) < 2) return `Here the far point hardly turns either border: the density model's by ${turns}.`;
      return `One far point turns the density model's border (thin: without it) by ${turns}${density_turn > 5 && classifier_turn < 2 ? ": densities have to explain every point, a border above all the doubtful ones" : ""}.`;
    },
  });
})();

(function () {
  "use strict";
  const { choice, define, slider, write } = window.GanFigure;
  const KEYS = ["r", "f"].flatMap((kind) => [1, 2, 3, 4, 5, 6, 7, 8].map((i) => kind + i));
  const NAME = (key) => `${key[0] === "r" ? "real" : "fake"} point ${key[1]}`;
  const count = (flags) => flags.filter(Boolean).length;

  function side(chart, state, set, { radii, own, inside, title }) {
    const reals = state.points.slice(0, 8), fakes = state.points.slice(8), centres = own === "real" ? reals : fakes, others = own === "real" ? fakes : reals;
    chart.begin({ x: [-4.6, 4.2], y: [-3.4, 3.9], square: true, axes: false, most: 320 });
    centres.forEach((c, i) => chart.circle(c, radii[i], own, { filled: true, opacity: 0.5 }).circle(c, radii[i], own, { opacity: 0.45 }));
    chart.dots(others.filter((_, i) => inside[i]), "disc", { r: 12, empty: true });
    chart.dots([state.points[KEYS.indexOf(state.chosen)]], "ink", { r: 15, empty: true }); // the point that the sliders move
    chart.text([-4.6, 3.9], title, "ink", { dx: 6, dy: 15 });
    KEYS.forEach((key, i) => chart.handle(key, state.points[i], { label: NAME(key), kind: key[0] === "r" ? "real" : "fake", step: 0.1,
      move: (x, y) => set({ chosen: key, x, y }) }));
  }

  define("balls", {
    charts: { real: "Balls of the real points", fake: "Balls of the fakes" },
    controls: [slider("k", "Neighbour k", 1, 5, 1), choice("chosen", "Point", KEYS.map((key) => [key, NAME(key)])),
               slider("x", "Its place across", -3.9, 3.9, 0.01), slider("y", "Its place upwards", -2.9, 2.9, 0.01)],
    outputs: [["precision", "Precision", 2], ["recall", "Recall", 2], ["density", "Density", 2], ["coverage", "Coverage", 2]],
    settle(state, changes) { // the two places belong to the chosen point
      const next = { ...state, ...changes }, i = KEYS.indexOf(next.chosen), moved = "x" in changes || "y" in changes;
      if (!moved) return "chosen" in changes ? { ...changes, x: state.points[i][0], y: state.points[i][1] } : changes;
      const [x, y] = "chosen" in changes && changes.chosen !== state.chosen ? [changes.x ?? state.points[i][0], changes.y ?? state.points[i][1]] : [next.x, next.y];
      return { ...changes, x, y, points: state.points.map((p, j) => j === i ? [x, y] : p) };
    },
    draw({ real, fake }, state, { radii, fake_radii, fake_in, real_in }, set) {
      side(real, state, set, { radii, own: "real", inside: fake_in, title: `${count(fake_in)} of 8 fakes in a real ball` });
      side(fake, state, set, { radii: fake_radii, own: "fake", inside: real_in, title: `${count(real_in)} of 8 real points in a fake ball` });
    },
    say(state, { fake_in, real_in, held, fake_radii, recall, coverage }) {
      const largest = Math.max(...fake_radii), name = NAME(`f${fake_radii.indexOf(largest) + 1}`);
      return `Precision is ${count(fake_in)}/8 and recall ${count(real_in)}/8; ${count(held)} of 8 real balls hold a fake, so coverage is ${write(coverage)}. ` +
        `The largest ball of a fake has the radius ${write(largest, 1)}, round ${name}.`;
    },
  });
})();

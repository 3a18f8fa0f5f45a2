(function () {
  "use strict";
  const { action, define, slider, write } = window.GanFigure;

  define("bias-of-n", {
    charts: { sets: "Two sets of samples of one law", line: "Fréchet distance of the law to itself, against N" },
    controls: [
      slider("n", "Samples on each side, N", 10, 200, 5), slider("d", "Dimensions d", 2, 8, 1), slider("seed", "Seed", 1, 99, 1, { fold: true }),
      action("Draw again", ({ seed }) => ({ seed: seed % 99 + 1 })),
    ],
    outputs: [["distance", "Distance of these two sets", 3], ["means", "of it, the means’ part", 3], ["average", "Mean of twelve redraws", 3], ["line", "By the line", 3]],
    draw({ sets, line }, { n, d }, { one, two, ellipses, distance, again, sizes, factor, bound }) {
      const reach = [-3.6, 3.6];
      sets.begin({ x: reach, y: reach, square: true, xTicks: null, yTicks: null, xLabel: "", most: 290 });
      sets.dots(one, "real", { opacity: 0.6 }).dots(two, "fake", { cross: true, opacity: 0.6 });
      sets.line(ellipses[0], "real").line(ellipses[1], "fake");
      const top = 2 * factor / 10, height = 300, fits = (v) => v <= top, above = [...again, distance].filter((v) => !fits(v)).length;
      line.begin({ x: [-0.004, 0.106], y: [0, top], height, xLabel: "N, evenly in 1/N", yLabel: "Fréchet distance (the truth is 0)",
        xTicks: [[0, "∞"], [0.01, "100"], [0.02, "50"], [0.05, "20"], [0.1, "10"]] });
      line.line([[0, 0], [0.106, 0.106 * factor]], "disc").line([[0, 0], [0.106, 0.106 * 2 * d]], "quiet", { dash: "4 3" });
      line.text([0.1, factor / 10], `${factor} / N`, "disc", { anchor: "end", dx: -8, dy: -4 }).text([0.1, 2 * d / 10], "means alone", "quiet", { anchor: "end", dy: -6 });
      line.dots(sizes.filter(([, v]) => fits(v)).map(([size, v]) => [1 / size, v]), "ink", { r: 5, empty: true });
      line.dots(again.filter(fits).map((v) => [1 / n, v]), "fake", { r: 4, cross: true, opacity: 0.7 }).dots([distance].filter(fits).map((v) => [1 / n, v]), "fake", { r: 5.5 });
      if (above) line.text([1 / n, top], `${above} above ↑`, "fake", { anchor: n > 25 ? "start" : "end", dx: n > 25 ? 6 : -6, dy: 12 }); // counted, not drawn at a wrong height
    },
    say: ({ n, d }, { distance, average, line }) => `Both sets come from one law in ${d} dimensions, so the true distance is 0; with N = ${n} these two have ` +
      `${write(distance)}, and twelve redraws ${write(average)} on average, where the line has ${write(line)}.`,
  });
})();

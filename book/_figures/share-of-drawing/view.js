(function () {
  "use strict";
  const { define, slider } = window.GanFigure;

  define("share-of-drawing", {
    charts: { law: "The law of the answers, and the density of the data", trade: "Squared error against the distance to the data" },
    controls: [
      slider("share", "Share of the way to a draw", 0, 1, 0.05), slider("bits", "Bits of the code", 0, 4, 1),
      slider("place", "Place of the peaks", 1.2, 3, 0.1), slider("width", "Width of the peaks", 0.2, 0.9, 0.05),
    ],
    outputs: [["least", "Least squared error", 3], ["error", "Squared error", 3], ["ratio", "As a multiple of the least", 3], ["w2", "W₂ to the data", 3]],
    draw({ law, trade }, state, now) {
      const top = 1.8 * Math.max(...now.density, 0.5);
      law.begin({ x: [-5, 5], y: [0, top], xLabel: "answer", yLabel: "density", height: 230 });
      for (const [x, height] of now.bins) if (height > 0) law.rect([x, 0], [x + 0.25, Math.min(height, top)], "fake", { opacity: 0.5 });
      law.line(now.x.map((x, i) => [x, now.density[i]]), "real", { width: 3 });
      law.dots(now.points.map((x) => [x, 0]), "ink", { r: 5 });
      law.text([-state.place, top], "data", "real", { anchor: "middle", dy: 14, bold: true });
      if (now.bins.some(([, height]) => height > top)) law.text([4.9, top], "bars cut off at the top", "fake", { anchor: "end", dy: 14 });
      const far = now.curve[0][0], high = 2 * now.least;
      trade.begin({ x: [-0.05 * far, 1.1 * far], y: [0.8 * now.least, 1.1 * high], xLabel: "W₂ to the data", yLabel: "squared error", height: 230 });
      trade.line(now.curve, "other", { width: 3 });
      trade.dots([now.curve[0]], "ink", { r: 4 });
      trade.text(now.curve[0], "mean", "ink", { anchor: "end", dy: -10 });
      trade.dots([now.curve[now.curve.length - 1]], "ink", { r: 4 });
      trade.text(now.curve[now.curve.length - 1], "draw", "ink", { dx: 10, dy: 4 });
      trade.dots([[now.w2, now.error]], "fake", { r: 8 });
    },
    say(state, { least, ratio, w2, points }) {
      const codes = points.length === 1 ? "No code at all" : `${points.length} codes`;
      if (state.share === 0) return `${codes}: the answers are the ${points.length === 1 ? "mean of the data" : "means of the intervals"}, with the least error, ${least.toFixed(3)}, and W₂ to the data ${w2.toFixed(3)}.`;
      if (state.share === 1) return `${codes}: the answers have the data's law, and the squared error is twice the least.`;
      return `${codes}: ${Math.round(100 * state.share)} % of the way to a draw leave ${Math.round(100 * (1 - state.share))} % of the distance to the data, at ${ratio.toFixed(2)} times the least error.`;
    },
  });
})();

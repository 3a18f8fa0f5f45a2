(function () {
  "use strict";
  const { choice, define, slider } = window.GanFigure;

  define("two-networks", {
    charts: { maps: "The feature maps of the network from left to right, as wide as they have maps and as high as they have pixels", weights: "Share of the weights in each layer" },
    controls: [
      choice("who", "Network", [["generator", "generator"], ["discriminator", "discriminator"]]), slider("layer", "Layer", 1, 4, 1),
      slider("width", "Feature maps at 14 × 14", 4, 32, 4),
    ],
    outputs: [["shape", "Shape"], ["name", "Layer"], ["size", "Size"], ["weights", "Weights", 0], ["total", "Weights of the network", 0], ["pair", "Of the pair", 0]],
    draw({ maps, weights }, { layer, who, width }, { shapes, all, total }) {
      const kind = who === "generator" ? "fake" : "disc", gap = 0.9 * width + 4, places = [];
      let x = gap;
      for (const [count] of shapes) { places.push([x, x + count]); x += count + gap; }
      maps.begin({ x: [0, x], y: [-9, 34], axes: false, height: 190 });
      shapes.forEach(([count, n], i) => {
        const [from, to] = places[i], mine = i === layer - 1 || i === layer, ends = i === 0 || i === 4;
        maps.rect([from, 14 - n / 2], [to, 14 + n / 2], kind, { opacity: mine ? 0.85 : 0.3 });
        maps.text([(from + to) / 2, 14 + n / 2], n > 1 ? `${n}²` : "1", kind, { anchor: "middle", dy: -5, bold: mine });
        maps.text([(from + to) / 2, -9], ends ? (count === 1 ? (n > 1 ? "image" : "logit") : `z, ${count}`) : `${count}`, kind, { anchor: "middle", dy: i % 2 ? -18 : -4, bold: mine });
      });
      for (let i = 1; i < 5; i++) maps.arrow([places[i - 1][1] + 0.15 * gap, 14], [places[i][0] - 0.15 * gap, 14], "ink", { width: i === layer ? 3.5 : 1 });
      weights.begin({ x: [0, 125], y: [0.4, 4.6], xLabel: "% of the weights", xTicks: [0, 25, 50, 75, 100], yTicks: all.map((_, i) => [4 - i, `layer ${i + 1}`]), height: 170 });
      all.forEach((count, i) => {
        weights.rect([0, 3.7 - i], [100 * count / total, 4.3 - i], kind, { opacity: i === layer - 1 ? 0.9 : 0.4 });
        weights.text([100 * count / total, 4 - i], String(count), "ink", { dx: 5, dy: 4 });
      });
    },
    say({ layer, who }, { share, shape, size, name }) {
      return `Layer ${layer} of the ${who}, ${name.split(",")[0]}, goes from ${shape.replace(" → ", " to ")} and holds ${share.toFixed(0)} % of its weights.`;
    },
  });
})();

(function () {
  "use strict";
  const { action, choice, define, slider, write } = window.GanFigure;
  const DIGITS = Array.from({ length: 10 }, (_, i) => String(i));

  define("class-by-style", {
    later: "Draw them live (loads 0.4 MB)",
    charts: { grid: "Generated digits, a row for each latent vector, a column for each label" },
    controls: [slider("mix", "Share of another label", 0, 1, 0.1), choice("other", "That label", DIGITS.map((d) => [d, d])),
               slider("seed", "Seed of the four vectors", 1, 99, 1, { fold: true }), action("Four other vectors", ({ seed }) => ({ seed: seed % 99 + 1 }))],
    outputs: [["boldest", "Ink of the boldest row", 3], ["finest", "of the finest", 3], ["alike", "Correlation of ink, two labels", 2], ["change", "Mean change by the mix", 3]],
    draw({ grid }, { other, mix }, { rows }) {
      grid.begin({ x: [0, 10], y: [0, 4], square: true, most: 700, xLabel: mix ? `label, ${Math.round(100 * mix)} % of it exchanged for ${other}` : "label",
        xTicks: DIGITS.map((d) => [Number(d) + 0.5, d]), yTicks: [1, 2, 3, 4].map((i) => [4.5 - i, `z${"₁₂₃₄"[i - 1]}`]) });
      grid.pictures(rows, 28);
    },
    say({ other, mix }, { boldest, finest, alike, change }) {
      const hands = `One row is one latent vector: over the ten labels the boldest has ${(boldest / finest).toFixed(1)} times the ink of the finest`;
      return mix === 0 ? `${hands}; between two labels the ink of the four rows correlates with ${write(alike)} on average.` : mix === 1 ? `All labels are ${other} now, and only the latent vector tells the pictures of a column from each other.`
        : `Each label is ${Math.round(100 * (1 - mix))} % itself and ${Math.round(100 * mix)} % ${other}, which training never showed; pixels have changed by ${write(change, 3)} on average.`;
    },
  });
})();

(function () {
  "use strict";
  const { action, define, slider, write } = window.GanFigure;
  const { linspace, normalDensity, sigmoid } = window.GanNumbers;
  const FAR = 3, STYLES = [[-2, "thin"], [0, "regular"], [2, "bold"]];

  // Strokes of A and B in the unit square, y upwards.
  const bowl = (x, low, high) => linspace(-1, 1, 13).map((t) => [x + 0.4 * Math.cos(t * Math.PI / 2), (low + high) / 2 - (high - low) / 2 * Math.sin(t * Math.PI / 2)]);
  const STROKES = [[[[0, 0], [0.45, 1], [0.9, 0]], [[0.16, 0.34], [0.74, 0.34]]],
                   [[[0, 0], [0, 1], ...bowl(0.34, 0.53, 1), [0, 0.53], ...bowl(0.4, 0, 0.53), [0, 0]]]];
  // The two letters of a font from (x, y), in pixels, a stroke as wide as the style says.
  function font(chart, x, y, size, styles, kind) {
    styles.forEach((style, i) => STROKES[i].forEach((stroke) => chart.line(stroke.map(([a, b]) => [x + size * (0.8 * a + 0.95 * i), y + size * b]), kind,
      { width: size * 0.095 * Math.exp(0.42 * Math.max(-2.6, Math.min(2.6, style))) })));
  }

  define("pairs-of-letters", {
    charts: { fonts: "Letters A and B of real and of generated fonts", one: "What a discriminator of one letter sees", two: "What a discriminator of pairs sees" },
    controls: [
      slider("rho_g", "Correlation, generated", -0.9, 0.9, 0.1), slider("rho_r", "Correlation, real", 0, 0.9, 0.1),
      slider("spread", "Spread, generated", 0.5, 1.5, 0.1), slider("a", "Your font: A", -2.5, 2.5, 0.1), slider("b", "Your font: B", -2.5, 2.5, 0.1),
      action("Other fonts", ({ seed }) => ({ seed: seed % 99 + 1 })),
    ],
    outputs: [["right_one", "Best D of one letter, % right", 1], ["right_two", "of pairs", 1], ["D_a", "Your font: D(A)", 2], ["D_b", "D(B)", 2], ["D_pair", "D(A and B)", 2]],
    draw({ fonts, one, two }, { rho_r, rho_g, spread, a, b }, { real, fake, single, double, D_a }, set) {
      const wide = fonts.svg.parentNode.clientWidth || 320, step = 58, count = Math.max(2, Math.floor((wide - 70) / step));
      fonts.begin({ x: [0, wide], y: [0, 104], axes: false, height: 108 });
      [[real, "real", "real fonts", 60], [fake, "fake", "generated fonts", 6]].forEach(([list, kind, word, y]) => {
        fonts.text([2, y + 31], word, kind, { bold: true });
        for (let i = 0; i < count; i++) font(fonts, 4 + i * step, y, 24, list[i], kind);
      });
      const from = 8 + count * step;
      font(fonts, from, 34, 34, [a, b], "ink");
      fonts.text([from + 26, 10], "your font", "ink", { anchor: "middle", bold: true });

      const xs = linspace(-FAR, FAR, 121), D = (x) => sigmoid(single[0] - single[1] * x * x);
      one.begin({ x: [-FAR, FAR], y: [0, 1.08], yTicks: [0, 0.5, 1], xTicks: STYLES, xLabel: "style of A", yLabel: "one letter at a time", height: 300 });
      one.area(xs.map((x) => [x, normalDensity(x, 0, 1)]), "real").line(xs.map((x) => [x, normalDensity(x, 0, spread)]), "fake", { dash: "6 4" });
      one.line(xs.map((x) => [x, D(x)]), "disc", { width: 2.5 }).dots([[a, D_a]], "ink", { r: 6 });
      const word = (x, y, text, kind, dy = 0, anchor = "middle") => one.text([x, y], text, kind, { anchor, dy, bold: true }), peak = normalDensity(0, 0, spread);
      if (spread < 1) word(0, Math.max(0.5, peak), "generated", "fake", -6); else word(0, spread > 1 ? peak : 0.2, "generated", "fake", 18);
      if (spread < 1) word(1.15, 0.23, "real", "real", 0, "start"); else word(0, spread > 1 ? 0.4 : 0.2, "real", "real", spread > 1 ? -6 : 0);
      word(spread < 1 ? -2.8 : 0, D(spread < 1 ? -2.8 : 0), "D", "disc", spread < 1 ? 18 : -8);

      two.begin({ x: [-FAR, FAR], y: [-FAR, FAR], square: true, xTicks: STYLES, yTicks: [[-2, "thin"], [2, "bold"]], xLabel: "style of A", yLabel: "two letters at a time: style of B", most: 250 });
      two.field((x, y) => 2 * sigmoid(double[0] - double[1] * (x * x + y * y) + double[2] * x * y) - 1, 80);
      two.dots(real, "real", { r: 2.5 }).dots(fake, "fake", { r: 3, cross: true });
      two.text([2.9, 2.6], "real", "real", { anchor: "end", bold: true });
      two.text([-2.9, rho_g < 0 ? 2.6 : -2.8], "generated", "fake", { bold: true });
      two.handle("font", [a, b], { label: "Your font", kind: "ink", step: 0.1, move: (x, y) => set({ a: x, b: y }) });
    },
    say({ rho_r, rho_g, spread }, { right_one, right_two }) {
      if (spread === 1 && rho_r === rho_g) return "Now the pairs have the right law as well, and the best discriminator of pairs says one half to each of them.";
      const pairs = `${write(right_two, 1)} %`;
      if (spread === 1) return `Each generated letter is by itself thin or bold as often as a real one, so one letter tells D nothing; from two letters it is right in ${pairs} of cases.`;
      return `Generated letters vary too ${spread > 1 ? "much" : "little"}: from one letter D is right in ${write(right_one, 1)} % of cases already, from two in ${pairs}.`;
    },
  });
})();

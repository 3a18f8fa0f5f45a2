(function () {
  "use strict";
  const { choice, define, slider } = window.GanFigure;
  const N = 7;

  define("stamp", {
    side: true,
    charts: { stamps: "Seven inputs above, the stamps they print, and the output below", bars: "The output of the transposed convolution for inputs of 1",
              resized: "The same kernel after a resize" },
    controls: [
      slider("k", "Kernel size k", 1, 6, 1), slider("s", "Stride s", 1, 3, 1), slider("at", "Output place", 0, 100, 1, { words: (v) => `${v} %` }),
      choice("taps", "Taps", [["equal", "all equal to 1"], ["tent", "rising and falling"], ["uneven", "falling from 2"]]),
      slider("p", "Padding p", 0, 2, 1, { fold: true }),
    ],
    outputs: [["size_sum", "Size"], ["row", "Taps"], ["sums", "Sums of the classes"], ["sum", "This place adds up"], ["value", "Its value", 0]],
    draw({ stamps, bars, resized }, { k, s, p }, n, set) {
      const ends = [-p - 1, (N - 1) * s - p + k];
      stamps.begin({ x: ends, y: [0, 1], xTicks: null, yTicks: [[0.9, "input"], [0.1, "output"]], height: 150 });
      for (let i = 0; i < N; i++) {
        const from = s * i - p - 0.5, middle = from + k / 2, half = 0.4 * Math.min(s, 1.5), mine = n.sources.includes(i), kind = mine ? "extra" : "other";
        stamps.area([[from, 0.2], [middle - half, 0.8], [middle + half, 0.8], [from + k, 0.2]], kind, 0.2, { opacity: mine ? 0.5 : 0.15 });
        stamps.rect([middle - half, 0.8], [middle + half, 0.98], kind, { opacity: mine ? 1 : 0.6 });
      }
      for (let o = 0; o < n.size; o++) stamps.rect([o - 0.45, 0.02], [o + 0.45, 0.2], o === n.place ? "extra" : "other", { outline: true });
      stamps.handle("at", [n.place, 0.11], { label: "Output place", kind: "extra", axes: "x", step: 1, move: (x) => set({ at: 100 * x / Math.max(1, n.size - 1) }) });
      const top = 1.5 * Math.max(...n.values, ...n.resized);
      for (const [chart, values, words] of [[bars, n.values, "stamps"], [resized, n.resized, "resize, then convolve"]]) {
        const shift = chart === resized ? (n.size - values.length) / 2 : 0; // both outputs in the middle
        chart.begin({ x: ends, y: [0, top], xTicks: null, yTicks: [0, Math.max(...values)], height: 100 });
        values.forEach((v, o) => chart.rect([o + shift - 0.4, 0], [o + shift + 0.4, v], chart === bars && o === n.place ? "extra" : "other",
          { opacity: chart === resized || n.whole.includes(o) ? 1 : 0.35 }));
        chart.text([ends[0], top], words, "ink", { dx: 6, dy: 14 });
      }
      if (n.low !== n.high) bars.text([ends[1], top], "a pattern", "fake", { anchor: "end", dx: -6, dy: 14, bold: true });
    },
    say({ k, s }, { low, high, count, place, sums }) {
      const seen = `Place ${place} gets ${count === 1 ? "one stamp" : `${count} stamps`}.`;
      if (low === high) return `${seen} The classes of taps have equal sums (${sums}), so a constant row stays constant away from the border${
        k % s ? `, although ${s} does not divide ${k}` : ""}.`;
      return `${seen} The classes of taps have the sums ${sums}, so a constant row turns into a pattern between ${low} and ${high}${
        k % s ? "" : `, although ${s} divides ${k}`}; after a resize the same kernel draws none.`;
    },
  });
})();

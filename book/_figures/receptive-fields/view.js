(function () {
  "use strict";
  const { define, slider } = window.GanFigure;
  const N = 28;

  define("receptive-fields", {
    side: true,
    charts: { rows: "The image's row of 28 pixels at the bottom and one row of units for each layer above it" },
    controls: [
      slider("layer", "Layers", 1, 3, 1), slider("at", "Unit", 0, 100, 1, { words: (v) => `${v} %` }),
      slider("k1", "Kernel of layer 1", 1, 5, 1), slider("k2", "Kernel of layer 2", 1, 5, 1), slider("k3", "Kernel of layer 3", 1, 5, 1),
      slider("s", "Stride", 1, 3, 1, { fold: true }), slider("p", "Padding", 0, 2, 1, { fold: true }),
    ],
    outputs: [["size_row", "Sizes"], ["sum", "Window"], ["reads", "Pixels it reads", 0]],
    draw({ rows }, state, { sizes, r, jump, first, top, unit, seen, from, to }, set) {
      const ends = [Math.min(-1, from) - 0.5, Math.max(N, to) + 0.5];
      rows.begin({ x: ends, y: [-0.5, top + 0.5], xTicks: [0, 9, 18, 27], yTicks: sizes.map((_, l) => [l, l ? `layer ${l}` : "pixels"]), xLabel: "pixel", height: 90 + 55 * top });
      const centre = (l, i) => first[l] + i * jump[l] + (r[l] - 1) / 2;
      for (let l = 1; l <= top; l++) for (const i of seen[l]) { // each unit with the window that it reads below it
        const low = state.s * i - state.p, high = low + state[`k${l}`] - 1;
        rows.area([[centre(l - 1, low), l - 0.8], [centre(l, i), l - 0.2], [centre(l - 1, high), l - 0.8]], "disc", l - 0.8, { opacity: 0.16 });
      }
      sizes.forEach((size, l) => {
        const half = 0.4 * Math.min(jump[l], 1.6), mine = new Set(seen[l]);
        for (let i = 0; i < size; i++) rows.rect([centre(l, i) - half, l - 0.18], [centre(l, i) + half, l + 0.18], mine.has(i) ? (l ? "disc" : "real") : "quiet", { outline: !mine.has(i), opacity: mine.has(i) ? 1 : 0.6 });
      });
      rows.line([[from - 0.5, -0.3], [to + 0.5, -0.3]], "ink");
      rows.handle("unit", [centre(top, unit), top], { label: `Unit of layer ${top}`, kind: "disc", axes: "x", step: jump[top],
        move: (x) => set({ at: 100 * (x - centre(top, 0)) / jump[top] / Math.max(1, sizes[top] - 1) }) });
    },
    say(state, { sizes, top, window, reads, outside, skipped, padded, unit }) {
      if (top < state.layer) return `Layer ${top + 1} cannot be built: its kernel of ${state[`k${top + 1}`]} finds only ${sizes[top]} inputs with padding ${state.p}.`;
      const some = (count, one, more, rest) => count ? `; ${count} ${count === 1 ? one : more} ${rest}` : "";
      return `Unit ${unit} of layer ${top} has a window of ${window === 1 ? `1 pixel and ${reads ? "reads it" : "does not read it"}` : `${window} pixels and reads ${reads || "none"} of them`}${some(outside, "lies", "lie", "outside the image")}${
        some(skipped, "inside it is", "inside it are", "skipped, since a kernel below is smaller than the stride")}${
        some(padded, "inside it is", "inside it are", "not read: the way there leads through the padding of a layer between")}.`;
    },
  });
})();

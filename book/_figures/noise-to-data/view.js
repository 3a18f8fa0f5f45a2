(function () {
  "use strict";
  const { define, slider } = window.GanFigure;

  define("noise-to-data", {
    charts: { walk: "Paths from noise to data over time", end: "Where 200 starts land, and the density of the data" },
    controls: [
      slider("steps", "Steps", 1, 64, 1), slider("start", "Your start", -2.5, 2.5, 0.1),
      slider("place", "Place of the peaks", 1, 3, 0.1), slider("width", "Width of the peaks", 0.2, 1, 0.05),
      slider("right", "Share of the upper peak", 0.1, 0.9, 0.05),
    ],
    outputs: [["w1", "W₁ to the data", 3], ["stray", "Share off the peaks", 3], ["landed", "Your start lands at", 2], ["mean", "Mean of the data", 2]],
    draw({ walk, end }, state, now, set) {
      const at = (path) => path.map((x, i) => [i / (path.length - 1), x]);
      walk.begin({ x: [-0.03, 1.03], y: [-5, 5], xLabel: "time, from noise (0) to data (1)", yLabel: "place", height: 280 });
      walk.rule({ y: now.mean }, "quiet", "mean");
      for (const path of now.paths) walk.line(at(path), "fake", { opacity: 0.6 });
      walk.dots(now.paths.map((path) => [1, path[path.length - 1]]), "fake", { r: 3 });
      walk.line(at(now.own), "ink", { width: 3 });
      if (state.steps <= 16) walk.dots(at(now.own).slice(1), "ink", { r: 4 });
      walk.handle("start", [0, state.start], { label: "Your start", kind: "ink", axes: "y", step: 0.1, move: (x, y) => set({ start: y }) });
      const top = 1.25 * Math.max(...now.density, 0.5);
      end.begin({ x: [-5, 5], y: [0, top], xLabel: "place at time 1", yLabel: "density", height: 210 });
      for (const [x, height] of now.bins) if (height > 0) end.rect([x, 0], [x + 0.25, Math.min(height, top)], "fake", { opacity: 0.5 });
      end.line(now.x.map((x, i) => [x, now.density[i]]), "real", { width: 3 });
      end.text([-state.place, top], "data", "real", { anchor: "middle", dy: 14, bold: true });
      if (now.bins.some(([, height]) => height > top)) end.text([4.9, top], "bars cut off at the top", "fake", { anchor: "end", dy: 14 });
    },
    say(state, { w1, stray, landed, mean }) {
      if (state.steps === 1) return `One step takes every start to the mean of the data, ${mean.toFixed(2)}: the first velocity knows nothing but the mean.`;
      const many = `${state.steps} steps: `;
      if (stray > 0.02) return `${many}${Math.round(100 * stray)} of 100 starts land more than three widths from both peaks, and W₁ to the data is ${w1.toFixed(3)}.`;
      const off = Math.min(Math.abs(landed - state.place), Math.abs(landed + state.place)) > 3 * state.width;
      if (off) return `${many}nearly all starts land on a peak, but yours lands ${Math.abs(landed) < state.place ? "between" : "beyond"} them, at ${landed.toFixed(2)}; W₁ to the data is ${w1.toFixed(3)}.`;
      return `${many}nearly all starts land on a peak, yours at ${landed.toFixed(2)}, and W₁ to the data is ${w1.toFixed(3)}.`;
    },
  });
})();

(function () {
  "use strict";
  const { define, slider } = window.GanFigure;
  const NAMES = ["fixed", "arithmetic", "latency", "wire"], KINDS = ["quiet", "real", "fake", "extra"];
  const power = (v) => String(2 ** v);

  define("where-a-step-goes", {
    charts: { step: "Parts of one step, in milliseconds", curve: "How many times as fast as one process, against the number of processes" },
    controls: [
      slider("n", "Processes", 0, 13, 1, { words: power }), slider("b", "Global batch", 4, 14, 1, { words: power }), slider("latency", "Latency, µs a message", 1, 200, 1),
      slider("bandwidth", "Bandwidth, GB/s", 1, 100, 1), slider("messages", "All-reduces in a step", 1, 40, 1, { fold: true }),
      slider("weights", "Million weights", 0.1, 400, 0.1, { fold: true }), slider("fixed", "Fixed, ms", 0.5, 20, 0.5, { fold: true }),
      slider("sample", "Arithmetic, ms a sample", 0.1, 20, 0.1, { fold: true }),
    ],
    outputs: [["time", "Step, ms", 1], ["speedup", "Times as fast", 2], ["ceiling", "Ceiling (Amdahl)", 1], ["whole", "Best number", 0]],
    draw({ step, curve }, { n }, { parts, time, processes, speedup, ceiling, best, whole, best_speedup, curve: points }, set) {
      const top = Math.max(...parts);
      step.begin({ x: [0, 1.25 * top], y: [-0.6, 3.6], xLabel: `ms of a step on ${processes}`, yTicks: null, height: 250 });
      parts.forEach((part, i) => {
        step.rect([0, 2.75 - i], [part, 3.1 - i], KINDS[i]);
        step.text([0, 3.1 - i], `${NAMES[i]} ${part.toFixed(1)} ms, ${(100 * part / time).toFixed(0)} %`, KINDS[i], { dx: 4, dy: -4 });
      });
      const high = 2 ** 13, far = Math.max(2, ...points.map((p) => p[1]), Math.min(ceiling, high)), low = Math.min(0.5, ...points.map((p) => p[1]));
      curve.begin({ x: [0.8, 1.3 * high], y: [low, 2 * far], logX: true, logY: true, xLabel: "processes", yLabel: "times as fast", height: 250 });
      curve.line([[1, 1], [Math.min(high, 2 * far), Math.min(high, 2 * far)]], "quiet", { dash: "4 3" });
      if (far > 20) curve.text([far ** 0.6, far ** 0.6], "ideal", "quiet", { anchor: "end", dx: -8 });
      if (ceiling < 2 * far) curve.rule({ y: ceiling }, "ink", "ceiling");
      curve.line(points, "disc", { width: 3 });
      if (whole > 1 && best < high) curve.dots([[best, best_speedup]], "ink", { r: 5, empty: true }).text([best, best_speedup], "best", "ink", { anchor: "middle", dy: 20 });
      curve.handle("n", [processes, speedup], { label: "Processes", kind: "disc", axes: "x", step: Math.max(1, processes), move: (x) => set({ n: x < processes ? Math.floor(Math.log2(Math.max(0.5, x)) + 0.5) : Math.round(Math.log2(x)) }) });
    },
    say(state, { parts, time, processes, speedup, whole, ceiling }) {
      const largest = Math.max(...parts), times = (v) => v < 10 ? v.toFixed(2) : v.toFixed(0), above = (v) => times(v < 10 ? Math.ceil(100 * v) / 100 : Math.ceil(v));
      const most = NAMES[parts.indexOf(largest)], why = { fixed: "the fixed part", arithmetic: "arithmetic", latency: "waiting for messages", wire: "bytes on the wire" }[most];
      const what = `${processes === 1 ? "With one process" : `${processes} processes ${speedup < 1 ? `take ${times(1 / speedup)} times as long as` : `are ${times(speedup)} times as fast as`} one, and`} the largest part of a step, ${(100 * largest / time).toFixed(0)} %, is ${why}.`;
      return `${what} ${whole === 1 ? "No larger number is faster than one process." : `Beyond ${whole} more processes make it slower, and no number is ${above(ceiling)} times as fast.`}`;
    },
  });
})();

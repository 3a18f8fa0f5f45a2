(function () {
  "use strict";
  const { define, slider, write } = window.GanFigure;

  define("queue", {
    charts: { lanes: "A program and a device side by side in time" },
    controls: [
      slider("every", "Wait after every", 0, 12, 1, { words: (k) => k === 0 ? "never" : k === 1 ? "1 order" : `${k} orders` }),
      slider("h", "Launching takes", 0.5, 4, 0.1, { words: (v) => `${write(v, 1)} ms` }), slider("d", "Running takes", 0.5, 4, 0.1, { words: (v) => `${write(v, 1)} ms` }),
    ],
    outputs: [["time", "Ends after, ms", 1], ["free", "Without waiting, ms", 1], ["slower", "Times as long", 3], ["idle", "Device idle, %", 1]],
    draw({ lanes }, { every }, n) {
      lanes.begin({ x: [0, Math.max(60, n.most)], y: [-0.7, 2.3], height: 170, left: 60, xLabel: "time in ms", yTicks: [[1.3, "program"], [0, "device"]] });
      n.launches.forEach(([from, to]) => lanes.rect([from, 1], [to, 1.6], "real", { round: 2, opacity: 0.85 }));
      n.runs.forEach(([from, to]) => lanes.rect([from, -0.3], [to, 0.3], "disc", { round: 2, opacity: 0.85 }));
      n.launches.forEach(([, to], i) => lanes.line([[to, 1], [n.runs[i][0], 0.3]], "quiet", { width: 1 }));
      lanes.rule({ x: n.free }, "quiet", every && n.time > n.free + 1e-9 ? "without waiting" : "");
    },
    say({ every }, n) {
      if (!every) return `The program never waits; 12 orders take ${write(n.free, 1)} ms, between ${write(n.least, 1)} and ${write(n.most, 1)} as the proposition says.`;
      return `Waiting for the queue ${every === 1 ? "after each order" : `after every ${every} orders`} makes the work ${write(n.slower, 2)} times as long; it could at most be twice.`;
    },
  });
})();

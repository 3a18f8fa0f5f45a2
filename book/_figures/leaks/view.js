(function () {
  "use strict";
  const { choice, define, slider, write } = window.GanFigure;
  const WAYS = ["up", "left", "down", "right"], percent = (v) => `${Math.round(100 * v)} %`;

  function bars(chart, real, fake, title) {
    chart.begin({ x: [-0.6, 3.6], y: [0, 0.85], xTicks: null, yTicks: [0, 0.5], yLabel: "share", height: 165, left: 46, bottom: 26 });
    WAYS.forEach((way, k) => {
      chart.rect([k - 0.36, 0], [k - 0.02, real[k]], "real").rect([k + 0.02, 0], [k + 0.36, fake[k]], "fake");
      chart.text([k, 0], way, "ink", { anchor: "middle", dy: 16, size: 11 });
    });
    chart.text([-0.5, 0.85], title, "ink", { dy: 14, bold: true });
  }

  define("leaks", {
    charts: { all: "How often pictures lie in each of four ways, data and fakes", seen: "The same as the discriminator sees it",
              curve: "The difference that is seen against the probability of the change" },
    controls: [
      slider("p", "Probability p of the change", 0, 1, 0.05),
      choice("change", "The change", [["half", "half a turn"], ["quarter", "a quarter turn to the left"], ["any", "any quarter at random"]]),
      choice("turn", "Wrong fakes lie", [["2", "upside down"], ["1", "turned by a quarter"]]),
      slider("share", "Share of wrong fakes", 0, 1, 0.05, { words: percent }),
    ],
    outputs: [["before", "Difference of the laws (total variation)", 2], ["after", "Difference that is seen", 2], ["bound", "At least, for any change", 2],
              ["least", "Least factor over all differences", 2]],
    draw({ all, seen, curve }, { p }, now) {
      bars(all, now.real, now.fake, "as they are");
      bars(seen, now.real_seen, now.fake_seen, "as D sees them");
      curve.begin({ x: [0, 1], y: [0, Math.max(0.1, 1.15 * now.before)], xLabel: "probability p", yLabel: "difference seen", height: 190, left: 50 });
      curve.line([[0, now.before], [0.5, 0], [1, 0]], "quiet", { dash: "4 3" }).line(now.curve, "disc", { width: 2.5 });
      curve.dots([[p, now.after]], "disc", { r: 6 });
      if (now.before > 0.05) curve.text([0.25, now.before / 2], "at least", "quiet", { anchor: "end", dx: -6, dy: 14 });
    },
    say({ p, share }, { before, after, leaks }) {
      const part = before > 1e-9 ? `The discriminator sees ${percent(after / before)} of the difference` : "These fakes have the law of the data";
      if (!leaks) return `${part}; at p = ${write(p, 2)} no difference is hidden altogether, so nothing leaks.`;
      return before > 1e-9 && after < 1e-9 ? `At p = ${write(p, 2)} both laws look alike: ${percent(share)} wrong fakes, and nobody objects. The change leaks.`
        : `${part}, but at p = ${write(p, 2)} some other difference is hidden altogether: the change leaks.`;
    },
  });
})();

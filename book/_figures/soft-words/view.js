(function () {
  "use strict";
  const { action, define, slider, write } = window.GanFigure, { TAUS } = window.GanMaths["soft-words"];
  const HIGH = Math.sqrt(0.75), flat = ([, cats, see]) => [cats + see / 2, HIGH * see], LEAST = 0.05;
  const round = (v) => Number((0.05 * Math.round(v / 0.05)).toFixed(2));

  define("soft-words", {
    side: true,
    charts: { words: "Words at the corners of a triangle, soft words inside", trade: "Mean slope against the spread of one draw" },
    controls: [
      slider("tau", "Temperature τ", 0.2, 3, 0.1), slider("cat", "How likely is cat", LEAST, 0.9, 0.05), slider("see", "How likely is see", 0, 0.9, 0.05),
      slider("cost", "Cost of see", 0, 6, 0.5), action("Draw other words", ({ seed }) => ({ seed: seed % 99 + 1 })),
    ],
    outputs: [["truth", "True slope by the logit of cat", 3], ["soft", "Mean slope through soft words", 3], ["spread", "Spread of one soft slope", 3],
              ["score", "Spread of the score function", 3], ["way", "Mean distance of the drawn y to a word", 3]],
    settle(state, changes) { // at least one in twenty is left for cats
      const next = { ...state, ...changes }, over = next.cat + next.see - (1 - LEAST);
      if (over <= 1e-9) return changes;
      const key = "see" in changes && !("cat" in changes) ? "cat" : "see";
      return { ...changes, [key]: round(next[key] - over) };
    },
    draw({ words, trade }, { tau, cost }, now, set) {
      const corners = [[0, 0], [1, 0], [0.5, HIGH]];
      words.begin({ x: [-0.1, 1.1], y: [-0.13, 0.98], square: true, axes: false, most: 300 });
      words.line([...corners, corners[0]], "quiet", { width: 1.2 });
      for (const edge of [[0.5, 0], [0.25, HIGH / 2], [0.75, HIGH / 2]]) words.line([[0.5, HIGH / 3], edge], "quiet", { width: 1, dash: "3 3" });
      now.words.forEach((y, i) => words.dots([flat(y)], "fake", { r: 1.6 + 5 * Math.sqrt(Math.abs(now.slopes[i])), opacity: 0.55 }));
      words.dots(corners, "real", { r: 5 });
      ["cat: costs 1", "cats: costs 0", `see: costs ${cost}`].forEach((word, k) => words.text(corners[k], word, "real", { anchor: ["start", "end", "middle"][k], dx: [-14, 14, 0][k], dy: k < 2 ? 21 : -11, bold: true }));
      const mean = flat(now.mean), p = flat(now.p), apart = Math.hypot(mean[0] - p[0], mean[1] - p[1]) > 0.04, right = apart ? p[0] > mean[0] : p[0] < 0.5;
      const beside = (yes) => ({ anchor: yes ? "start" : "end", dx: yes ? 12 : -12, dy: -6, bold: true });
      words.dots([mean], "ink", { r: 6, cross: true });
      if (apart) words.text(mean, "mean of y", "ink", beside(!right));
      words.text(p, apart ? "p" : "p, mean of y", "ink", beside(right));
      words.handle("p", p, { label: "How likely the words are", kind: "ink", step: [0.05, 0.05 * HIGH], move: (x, y) => {
        const see = Math.max(0, Math.min(0.9, round(y / HIGH)));
        set({ see, cat: Math.max(LEAST, Math.min(1 - LEAST - see, round(1 - x - see / 2))) });
      } });

      const all = [...now.curve.map((a) => a[1]), now.truth, 0], far = 1.06 * Math.max(0.2, now.score, ...now.curve.map((a) => a[0]));
      const room = 0.2 * Math.max(0.02, Math.max(...all) - Math.min(...all));
      trade.begin({ x: [-0.04 * far, far], y: [Math.min(...all) - room, Math.max(...all) + 1.3 * room], xLabel: "spread of one draw", yLabel: "mean slope of the cost", height: 240, left: 50 });
      trade.rule({ y: 0 }).rule({ y: now.truth }, "real");
      trade.line(now.curve, "fake", { width: 2.5 });
      const under = now.curve[0][1] <= now.truth; // orange words on one side of the curve, blue ones on the other
      for (const mark of [0.2, 0.5, 3]) if (mark !== tau) {
        const at = now.curve[TAUS.indexOf(mark)];
        trade.dots([at], "fake", { r: 3 });
        trade.text(at, `τ ${mark}`, "fake", { anchor: "middle", dy: under ? 17 : -9 });
      }
      trade.dots([[0, 0]], "ink", { r: 5, cross: true }).text([0, 0], "hard word", "ink", { dx: 9, dy: now.truth < 0 ? -6 : 15 });
      trade.dots([[now.score, now.truth]], "real", { r: 6 });
      const inside = now.score > 0.6 * far, dy = under ? -9 : 18;
      trade.text([now.score, now.truth], "score function", "real", { anchor: inside ? "end" : "start", dx: inside ? 6 : -6, dy, bold: true });
      const { left, right: end, top, bottom, y } = trade.box, px = left + (end - left) * (now.score / far + 0.04) / 1.04, beyond = under ? -6 : 15;
      if (px + (inside ? 6 : 92) < end - 70) trade.text([far, now.truth], "true slope", "real", { anchor: "end", dx: -4, dy: beyond });
      else if (px - (inside ? 92 : 6) > left + 70) trade.text([-0.04 * far, now.truth], "true slope", "real", { dx: 4, dy: beyond });
      else if (Math.abs(now.truth) * (bottom - top) > 36 * (y[1] - y[0])) trade.text([-0.04 * far, now.truth], "true slope", "real", { dx: 4, dy: under ? 15 : -6 });
      trade.dots([[now.spread, now.soft]], "fake", { r: 7 }).text([now.spread, now.soft], `τ = ${tau}`, "fake", { anchor: tau < 0.3 ? "end" : "start", dx: tau < 0.3 ? 8 : 6, dy: under ? 20 : -12, bold: true });
    },
    say(state, { truth, soft, spread, score }) {
      const [t, s] = [truth, soft].map((v) => write(Math.abs(v) < 0.0005 ? 0 : v, 3)), way = truth > 0 ? ["rises", "falls"] : ["falls", "rises"];
      if (truth * soft < 0 && Math.min(Math.abs(truth), Math.abs(soft)) >= 0.0005) {
        return `The wrong way: with the logit of cat the mean cost ${way[0]} (slope ${t}), but soft words say that it ${way[1]} (${s} on average).`;
      }
      return `Soft words say ${s} on average where the true slope is ${t}, with a spread of ${write(spread, 2)} from draw to draw; the score function says ${t} on average, with a spread of ${write(score, 2)}.`;
    },
  });
})();

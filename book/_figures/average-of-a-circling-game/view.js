(function () {
  "use strict";
  const { action, define, player, slider, write } = window.GanFigure;
  const MOST = 1200, on = (by) => ({ t }) => t >= MOST ? null : { t: Math.min(MOST, t + by) };
  const KINDS = [["path", "other", "the game"], ["means", "extra", "mean"], ["emas", "disc", "running average"]];

  define("average-of-a-circling-game", {
    charts: { plane: "The plane of the two players", time: "Distance from the centre against steps" },
    controls: [slider("rho", "Decay ρ", 0, 0.995, 0.005), slider("h", "Step size h", 0.05, 1, 0.05), slider("t", "Steps taken", 0, MOST, 1),
               action("Ten steps", on(10)), player("Run", on(2), { every: 60, burst: 25 })],
    outputs: [["now", "Distance of the game", 3], ["mean", "of the mean", 3], ["ema", "of the running average", 3], ["share", "its share of the game’s, over a turn", 3], ["factor", "Factor by the proposition", 3]],
    draw({ plane, time }, { t }, numbers) {
      plane.begin({ x: [-1.3, 1.3], y: [-1.3, 1.3], square: true, xLabel: "x", yLabel: "y", most: 260 });
      plane.rule({ x: 0 }).rule({ y: 0 });
      time.begin({ x: [0, Math.max(50, t)], y: [0, 1.3], height: 290, xLabel: "steps", yLabel: "distance from the centre" });
      KINDS.forEach(([key, kind, words], i) => {
        const far = numbers.distances[i], at = Math.round(t * [0.62, 0, 0.3][i]), from = i === 1 ? [0.02 * t, 0.2] : [at, far[at]];
        plane.line(numbers[key], kind, { opacity: i ? 1 : 0.5 }).dots([numbers[key][t]], kind, { r: 6, cross: i > 0 });
        time.line(far.map((d, k) => [k, d]), kind).text(from, words, kind, { dy: [-14, 0, -8][i], dx: 4 });
      });
    },
    say({ rho, t }, { now, mean, ema, factor, period, share }) {
      return t === 0 ? "Nobody has moved yet." : `After ${t} steps, ${write(t / period, 1)} turns, the game is ${write(now)} from the centre, the mean ${write(mean, 3)} and the running ` +
        `average ${write(ema, 3)}. ${t < period ? "So far" : "Over the last turn"} it had ${write(share, 3)} of the game’s distance; with ρ = ${write(rho, 3)} that settles near ${write(factor, 3)}` +
        (rho ** t < 0.001 ? "." : `, once the start is forgotten: ρ to the power ${t} is still ${write(rho ** t, 3)}.`);
    },
  });
})();

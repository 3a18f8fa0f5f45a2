(function () {
  "use strict";
  const { action, define, slider } = window.GanFigure;
  const percent = (v) => `${Math.round(100 * v)} %`;

  define("whose-row", {
    charts: { plane: "Patients in the training set, patients out of it, and made rows", square: "Hits and false alarms of the attack, and what an epsilon allows" },
    controls: [
      slider("radius", "Distance tried", 0, 0.12, 0.005), slider("share", "From patients", 0, 1, 0.05, { words: percent }),
      slider("noise", "Noise on these", 0, 0.1, 0.005), slider("rows", "Made rows", 20, 300, 10), slider("epsilon", "ε compared", 0, 3, 0.1),
      action("Draw again", ({ seed }) => ({ seed: seed % 99 + 1 })),
    ],
    outputs: [["hits", "Hits", 2], ["alarms", "False alarms", 2], ["advantage", "Advantage", 2], ["bound", "Most for this ε", 2],
              ["made_median", "Median distance, made rows", 3], ["held_median", "patients who are out", 3]],
    draw({ plane, square }, { radius, epsilon }, { inside, outside, made, caught, curve, hits, alarms, corner: [c, d] }) {
      plane.begin({ x: [-0.02, 1.02], y: [-0.02, 1.02], square: true, most: 300, xTicks: null, yTicks: null });
      const pale = 0.5 / (1 + made.length * radius ** 2 * Math.PI); // so that circles upon circles do not hide the patients
      if (radius) for (const row of made) plane.circle(row, radius, "fake", { filled: true, opacity: pale });
      const split = (people, list, wanted) => people.filter((_, i) => list[i] === wanted);
      for (const [people, list, empty] of [[inside, caught[0], false], [outside, caught[1], true]]) {
        plane.dots(split(people, list, false), "real", { r: 3.5, empty, opacity: 0.4 }).dots(split(people, list, true), "real", { r: 4.5, empty });
      }
      plane.dots(made, "fake", { r: 2.5, cross: true });
      square.begin({ x: [0, 1], y: [0, 1], square: true, most: 300, xLabel: "false alarms", yLabel: "hits", xTicks: [0, 0.5, 1], yTicks: [0, 0.5, 1] });
      square.area([[0, 0], [c, d], [1, 1], [d, c], [0, 0]], "quiet", 0, { opacity: 0.15 }).line([[0, 0], [1, 1]], "quiet", { dash: "4 3", width: 1.3 });
      square.text([0.52, 0.5], "knows nothing", "quiet", { dy: 14 });
      square.line(curve, "disc").line([[alarms, alarms], [alarms, hits]], "disc", { width: 4 }).dots([[alarms, hits]], "disc", { r: 6 });
      square.dots([[c, d]], "ink", { r: 4 }).text([c, d], `ε = ${epsilon.toFixed(1)}`, "ink", { anchor: c < 0.3 ? "start" : "end", dx: c < 0.3 ? 8 : -8, dy: c < 0.3 ? 14 : -3, bold: true });
      const low = hits < 0.12;
      square.text([alarms, hits], "attack", "disc", alarms > 0.7 ? { anchor: "end", dx: -10, dy: 18, bold: true } : { dx: 11, dy: low ? -8 : 5, bold: true });
    },
    say({ epsilon }, { copies, hits, alarms, advantage, beyond, best, chance, made_median, held_median, closest }) {
      const two = (v) => v.toFixed(2).replace("-", "−");
      if (!copies) return `No row is made from a patient, so hits and false alarms differ by chance alone: by ${two(advantage)} here, by ${two(best)} at the luckiest distance.`;
      const nearer = made_median < 0.8 * held_median ? "much nearer" : made_median < held_median ? "little nearer" : "no nearer";
      const luck = best < chance ? ` At its best distance the advantage is ${two(best)}; chance alone reaches about ${two(chance)} in at most one of twenty draws.` : "";
      const odds = Math.exp(epsilon), why = beyond && hits > odds * alarms ? `: its hits are more than e^ε = ${two(odds)} times its false alarms` : "";
      return `The attack is ${beyond ? "outside" : "inside"} the grey region${why}. ${closest > 0 ? "No made row is a copy" : "Some made rows are copies"}; by the median made rows are ${nearer} to a training row than patients who are out.${luck}`;
    },
  });
})();

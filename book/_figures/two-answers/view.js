(function () {
  "use strict";
  const { choice, define, slider, write } = window.GanFigure;
  const SEEN = ["X...X", "X...X", "XXXXX", "....X", "....X", "....X"], DASH = { means: null, likeliers: "2 3", draws: "6 4" };

  // A digit whose top row is lost: what is seen, and the bar in the place of the loss, as dark as the answer says.
  function digit(chart, x, top, size, ink, kind, words) {
    const square = (row, column, kind, opacity) => chart.rect([x + (column - 2.5) * size, top - row * size], [x + (column - 1.5) * size, top - (row + 1) * size], kind, { opacity });
    SEEN.forEach((line, r) => [...line].forEach((mark, k) => { if (mark === "X") square(r + 1, k, "quiet", 0.75); }));
    for (let k = 1; k < 4; k++) square(0, k, kind, ink);
    chart.rect([x - 2.5 * size, top], [x + 2.5 * size, top - size], kind, { outline: true });
    words.forEach((word, k) => chart.text([x, top - 7 * size], word, kind === "fake" ? "fake" : "ink", { anchor: "middle", dy: 15 + 14 * k }));
  }

  define("two-answers", {
    charts: { digits: "Two digits that fit what is left, and your answer", bowl: "The error against the answer", chances: "The error of three rules against the chance" },
    controls: [
      slider("c", "Chance of a 9, c", 0, 1, 0.01), slider("a", "Your answer", -1, 1, 0.02),
      choice("error", "Error", [["squared", "squared"], ["absolute", "absolute"]]),
    ],
    outputs: [["yours", "Error of your answer", 2], ["mean", "of the mean", 2], ["likelier", "of the likelier", 2], ["draw", "of a draw", 2]],
    draw({ digits, bowl, chances }, { c, a, error }, { best, ink, yours, mean, likelier, draw, ends, bowl: curve, ...rest }, set) {
      const wide = digits.svg.parentNode.clientWidth || 320, room = Math.min(wide, 460), x = (k) => wide / 2 + k * room / 3;
      digits.begin({ x: [0, wide], y: [0, 112], axes: false, height: 112 });
      digit(digits, x(-1), 108, 10, 0, "real", ["a 4", `chance ${write(1 - c, 2)}`]);
      digit(digits, x(0), 108, 10, ink / 100, "fake", ["your answer", `${write(ink, 0)} % ink`]);
      digit(digits, x(1), 108, 10, 1, "real", ["a 9", `chance ${write(c, 2)}`]);

      const top = error === "squared" ? 4 : 2, end = c >= 0.5 ? 1 : -1, clear = Math.min(c, 1 - c);
      bowl.begin({ x: [-1.5, 1.5], y: [0, top * 1.05], yLabel: `${error} error`, xLabel: "answer", xTicks: [[-1, "−1: a 4"], [0, "0"], [1, "+1: a 9"]], height: 250 });
      if (error === "squared") bowl.line([[-1, ends[0]], [1, ends[1]]], "quiet", { dash: "6 4", width: 1.3 }).line([[best, mean], [best, draw]], "fake", { dash: "2 3" });
      bowl.line(curve, "other").dots([[best, mean]], "fake", { r: 5 });
      if (error === "squared") bowl.dots([[best, draw]], "fake", { r: 5 });
      bowl.dots(c === 0.5 ? [[-1, likelier], [1, likelier]] : [[end, likelier]], "fake", { r: 5 });
      const word = (x, y, text, dx, dy, anchor = end) => bowl.text([x, y], text, "fake", { anchor: ["end", "middle", "start"][anchor + 1], dx: dx * end, dy, bold: true });
      if (clear >= 0.12) {
        if (error === "squared") word(best, draw, "a draw", 8, -8); else word(best, draw, "mean, draw", -6, 18, -end);
        word(end, likelier, "likelier", 17, 17, 0);
        if (error === "squared") word(best, mean, "mean", clear < 0.2 ? -2 : 0, clear < 0.2 ? 15 : 21, clear < 0.2 ? -end : 0);
      } else if (clear > 0) word(best, draw, "all three", -4, -8);
      bowl.handle("a", [a, yours], { label: "Your answer", kind: "fake", axes: "x", step: 0.02, move: (v) => set({ a: v }) });

      const high = error === "squared" ? 2 : 1;
      chances.begin({ x: [0, 1], y: [0, 1.15 * high], xLabel: "c, the chance of a 9", yLabel: `${error} error`, height: 250 });
      chances.rule({ x: c });
      for (const [key, dash] of Object.entries(DASH)) if (error === "squared" || key !== "draws") chances.line(rest[key], "fake", { dash });
      chances.dots([[c, mean], [c, likelier], [c, draw]], "fake", { r: 4 });
      const name = (y, word, dy) => chances.text([0.5, y], word, "fake", { anchor: "middle", dy, bold: true });
      name(high, error === "squared" ? "a draw" : "mean, draw", -7);
      name(high, "likelier", 44);
      if (error === "squared") name(1, "mean", 16);
      chances.handle("c", [c, 0], { label: "Chance of a 9", kind: "real", axes: "x", step: 0.01, move: (v) => set({ c: v }) });
    },
    say({ c, a, error }, { best, ink, yours, mean }) {
      const more = c > 0.5 ? "9" : "4", end = c > 0.5 ? 1 : -1, cost = (v) => write(v, v < 0.01 ? 4 : 2);
      if (c === 0 || c === 1) return `Only a ${more} fits: mean, likelier value and draw are that ${more} and cost nothing; yours ${yours ? `costs ${cost(yours)}` : "is that one too"}.`;
      if (error === "absolute") {
        if (c === 0.5) return "Both digits are equally likely: every answer from the 4 to the 9 has the same absolute error.";
        if (a === end) return `Yours is the likelier ${more}, which the absolute error asks for: sharp, and always the same.`;
        if (a === -end) return "Yours is the less likely digit: of all answers between the two it has the largest absolute error.";
        return `The absolute error falls with each step towards the likelier ${more}: it asks for that ${more}, and never for the other digit.`;
      }
      if (Math.abs(a) === 1) return `Yours is a ${a > 0 ? 9 : 4}, one of the two that occur, at ${write(yours / mean, 2)} times the error of the mean.`;
      const grey = `a bar of ${write(ink, 0)} % ink, which neither digit has`;
      if (Math.abs(a - best) < 1e-9) return `Yours is the mean: no answer has a smaller squared error, and it is ${grey}.`;
      return `Yours costs ${cost(yours - mean)} more than the mean, and it is ${grey}.`;
    },
  });
})();

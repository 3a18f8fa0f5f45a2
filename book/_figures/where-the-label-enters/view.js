(function () {
  "use strict";
  const { choice, define, slider, write } = window.GanFigure;
  const WAYS = [["input", "at the input"], ["late", "at the end"], ["projection", "by projection"], ["helper", "as a helper’s task"]];
  // Boxes: their middle, words, kind, half their width; arrows by the boxes' numbers. The plan is 10.4 wide and 7 high.
  const FEATURES = [1.2, 5, "features φ"], LABEL = [1.2, 2, "label y", "extra"], SUM = [6.7, 3.5, "sum", "ink", 0.8], LOGIT = [9.3, 3.5, "logit l", "disc", 1];
  const PLANS = {
    input: [[[1.2, 5, "image x"], LABEL, [4, 3.5, "joined", "ink", 0.9], [6.7, 3.5, "hidden", "ink", 0.95], LOGIT], [[0, 2], [1, 2], [2, 3], [3, 4]]],
    late: [[FEATURES, LABEL, [4, 5, "w · φ"], [4, 2, "number b", "extra"], SUM, LOGIT], [[0, 2], [1, 3], [2, 4], [3, 4], [4, 5]]],
    projection: [[FEATURES, LABEL, [4, 5, "w · φ"], [4, 2, "e · φ", "extra"], SUM, LOGIT], [[0, 2], [0, 3], [1, 3], [2, 4], [3, 4], [4, 5]]],
    helper: [[[1.2, 3.5, "features φ"], [4.6, 5, "w · φ"], [4.6, 2, "classifier"], [8.2, 5, "logit l", "disc"], [8.2, 2, "is it y?", "extra"]], [[0, 1], [0, 2], [1, 3], [2, 4]]],
  };

  function plan(chart, way) {
    const [boxes, arrows] = PLANS[way];
    chart.begin({ x: [0, 10.4], y: [0, 7], axes: false, height: 220 });
    for (const [from, to] of arrows) chart.arrow([boxes[from][0] + (boxes[from][4] || 1.14), boxes[from][1]], [boxes[to][0] - (boxes[to][4] || 1.14), boxes[to][1]], "quiet", { width: 1.5 });
    for (const [x, y, words, kind = "ink", half = 1.14] of boxes) {
      chart.rect([x - half, y - 0.75], [x + half, y + 0.75], kind, { outline: true, round: 6 });
      chart.text([x, y], chart.box.width < 290 ? words.replace(/^(features|number) /, "") : words, kind, { anchor: "middle", dy: 4, size: 11.5 });
    }
  }
  const sum = (x, y) => `${write(x)} ${y < 0 ? "−" : "+"} ${write(Math.abs(y))}`;
  const FORMULA = {
    input: ({ l3, l7 }) => `The hidden layer meets the label (the image is its two numbers here): l = ${write(l3)} if a 3 was asked for, ${write(l7)} if a 7 was`,
    late: ({ looks, l3, l7 }) => `l = w · φ + b: ${sum(looks, 0)} = ${write(l3)} if a 3 was asked for, ${sum(looks, -2)} = ${write(l7)} if a 7 was`,
    projection: ({ looks, match3, match7, l3, l7 }) => `l = w · φ + e · φ: ${sum(looks, match3)} = ${write(l3)} if a 3 was asked for, ${sum(looks, match7)} = ${write(l7)} if a 7 was`,
    helper: ({ l3, read3 }) => `l = w · φ = ${write(l3)} knows no label; beside it, the classifier reads a 3 with probability ${write(read3)}`,
  };

  define("where-the-label-enters", {
    charts: { plan: "What the discriminator computes", pull: "Where the generator is pulled" },
    controls: [choice("way", "The label enters", WAYS), slider("a", "Like a 3", -2, 2, 0.1), slider("b", "Like a 7", -2, 2, 0.1)],
    outputs: [["l3", "Logit, a 3 asked", 2], ["l7", "a 7 asked", 2], ["length3", "Pull, a 3 asked", 2], ["length7", "a 7 asked", 2], ["angle", "Angle between the pulls", 0]],
    draw({ plan: boxes, pull }, { way, a, b }, { pull3, pull7 }, set) {
      plan(boxes, way);
      pull.begin({ x: [-2.6, 2.6], y: [-2.6, 2.6], square: true, xLabel: "like a 3", yLabel: "like a 7", most: 270 });
      pull.text([1, -1], "a clear 3", "quiet", { dx: -14, dy: 6, anchor: "end" }).text([-1, 1], "a clear 7", "quiet", { dx: -8, dy: -14, anchor: "middle" });
      pull.dots([[1, -1], [-1, 1]], "quiet", { r: 4, empty: true });
      for (const [[dx, dy], kind, words, width] of [[pull7, "ink", "7 asked", 4], [pull3, "extra", "3 asked", 2]]) {
        const end = [a + dx, b + dy];
        pull.arrow([a, b], end, kind, { width });
        pull.text(end, words, kind, { dx: dx < 0 ? -8 : 8, dy: kind === "ink" ? -6 : 12, anchor: dx < 0 ? "end" : "start" });
      }
      pull.handle("features", [a, b], { label: "Features of the generated picture", kind: "fake", step: 0.1, move: (x, y) => set({ a: x, b: y }) });
    },
    say: ({ way }, numbers) => `${FORMULA[way](numbers)}. ` + (numbers.angle < 0.5 ? `Both orders pull in the same direction, ${way === "late" ? "here as everywhere" : "at this place"}.` : `The two orders pull ${numbers.angle.toFixed(0)} degrees apart.`),
  });
})();

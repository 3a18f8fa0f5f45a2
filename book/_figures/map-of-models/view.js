(function () {
  "use strict";
  const { choice, define } = window.GanFigure;
  const ASK = [["draw", "draw in one pass"], ["exact", "give p(x) exactly"], ["without", "have no p(x) at all"], ["labels", "need labels"], ["book", "are trained in this book"]];
  const WORDS = { ...Object.fromEntries(ASK), "no-labels": "need no labels" };
  const HEADS = [["exact", "p(x)"], ["draw", "draw"], ["labels", "label"], ["book", "book"]], AT = [57, 70, 83, 95.5];

  define("map-of-models", {
    charts: { map: "The map of models" },
    controls: [
      choice("ask", "Which models", ASK), choice("also", "and also", [["none", "(anything)"], ["no-labels", "need no labels"], ...ASK]),
    ],
    outputs: [["count", "Models lit, of 11", 0]],
    draw({ map }, { ask, also }, { families, models, lit }) {
      const rows = models.length + families.length + 1;
      map.begin({ x: [0, 100], y: [rows, 0], axes: false, height: 23 * rows });
      HEADS.forEach(([key, word], i) => {
        const asked = ask === key || also === key || (key === "labels" && also === "no-labels");
        if (asked) map.rect([AT[i] - 6, 0.05], [AT[i] + 6, rows], "disc", { opacity: 0.1, round: 6 });
        map.text([AT[i], 0.7], word, asked ? "disc" : "quiet", { anchor: "middle", bold: asked });
      });
      map.line([[1, 1.5], [1, rows - 1.5]], "quiet", { width: 1.5 });
      let row = 1, last = -1;
      models.forEach(([name, family, ...has], i) => {
        if (family !== last) {
          const asked = family > 2 && [ask, also].includes("without"); // no column of its own: the families say it
          map.line([[1, row + 0.5], [2.5, row + 0.5]], "quiet", { width: 1.5 }).text([3, row + 0.5], families[family], asked ? "disc" : "quiet", { dy: 4, bold: asked });
          last = family;
          row += 1;
        }
        if (lit[i]) map.rect([4, row + 0.06], [51, row + 0.94], "fake", { opacity: 0.2, round: 6 });
        map.text([5, row + 0.5], name, lit[i] ? "ink" : "quiet", { dy: 4, dx: 3, bold: lit[i] });
        has.forEach((yes, k) => map.dots([[AT[k], row + 0.5]], yes ? "disc" : "quiet", { r: yes ? 5 : 4, empty: !yes }));
        row += 1;
      });
    },
    say({ ask, also }, { names, count }) {
      const and = also === "none" || also === ask ? "" : ` and ${WORDS[also]}`;
      return count === 0 ? `No model of the map is in both lists: those that ${WORDS[ask]} and those that ${WORDS[also]}.` : `${count} of 11 ${WORDS[ask]}${and}: ${names.join(", ")}.`;
    },
  });
})();

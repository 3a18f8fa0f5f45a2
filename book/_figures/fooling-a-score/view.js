(function () {
  "use strict";
  const { choice, define, slider, write } = window.GanFigure;

  define("fooling-a-score", {
    side: true,
    charts: { plane: "Real points and fakes in the plane" },
    controls: [
      choice("shape", "Fakes become", [["islands", "eight islands"], ["ring", "a ring"], ["cross", "a cross"], ["lines", "two lines"]]),
      slider("t", "From a normal law to the shape", 0, 1, 0.05), slider("shift", "Fakes moved aside by", 0, 2, 0.1), slider("spread", "Their spread", 0.5, 1.5, 0.05),
    ],
    outputs: [["frechet", "Fréchet distance", 3], ["kernel", "Kernel distance", 3], ["precision", "Precision", 2], ["recall", "Recall", 2]],
    draw({ plane }, state, { real, fake }) {
      plane.begin({ x: [-3.4, 3.4], y: [-3.4, 3.4], square: true, axes: false, most: 360 });
      plane.dots(real, "real", { opacity: 0.65 }).dots(fake, "fake", { cross: true, r: 3.5, opacity: 0.85 });
      plane.circle([0, 0], 2, "real", { dash: "5 4" }).circle([state.shift, 0], 2 * state.spread, "fake", { dash: "2 4" });
    },
    say({ t, shift, spread }, { frechet, precision, recall }) {
      const same = shift === 0 && spread === 1;
      return same ? `Mean and covariance of both sets were made to agree, so the Fréchet distance is ${write(frechet, 3)}` +
        (t > 0.5 ? ", although the shapes differ" : "") + (recall < 0.5 ? `; recall, ${write(recall)}, sees it.` : ".")
        : `The fakes’ ${[shift && "mean", spread !== 1 && "spread"].filter(Boolean).join(" and ")} differ${shift && spread !== 1 ? "" : "s"}, and the Fréchet distance says so: ${write(frechet, 3)}` + (precision >= 0.9 ? `; precision, ${write(precision)}, does not.` : ".");
    },
  });
})();

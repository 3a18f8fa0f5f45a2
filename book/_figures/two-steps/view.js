(function () {
  "use strict";
  const { choice, define, slider, toggle, write } = window.GanFigure;
  const two = (v) => write(v, 2);

  define("two-steps", {
    charts: { net: "The way of data and gradients" },
    controls: [
      choice("player", "Whose step", [["D", "D's"], ["G", "G's"]]),
      choice("loss", "Loss of G", [["non-saturating", "−log D"], ["saturating", "log(1 − D)"]]),
      slider("theta", "G's weight θ", -3, 3, 0.1), slider("w", "D's weight w", -2, 2, 0.1), toggle("detach", "detach the fakes"),
    ],
    outputs: [["D", "D(fake)", 3], ["loss", "loss", 3], ["d_theta", "gradient of θ", 3], ["d_w", "gradient of w", 3], ["sum", "of θ, if G's loss adds its own before D moves", 3]],
    draw({ net }, { player, detach }, now) {
      const forD = player === "D", cut = detach, G = forD ? "quiet" : "fake", top = 8;
      net.begin({ x: [0, 5], y: [0, top], axes: false, height: 290 });
      const box = (i, y, word, kind, under, moves) => {
        net.rect([i + 0.11, y - 0.62], [i + 0.89, y + 0.62], kind, { opacity: moves ? 0.35 : 0.1, round: 7 }).rect([i + 0.11, y - 0.62], [i + 0.89, y + 0.62], kind, { outline: true, round: 7 });
        net.text([i + 0.5, y], word, "ink", { anchor: "middle", dy: under ? -2 : 4, bold: true });
        if (under) net.text([i + 0.5, y], under, "ink", { anchor: "middle", dy: 12 });
      };
      const ahead = (i, y) => net.arrow([i + 0.9, y], [i + 1.1, y], "ink");
      box(0, 4.5, "z", "other", "0.5"); box(1, 4.5, "G", "fake", "z + θ", !forD); box(2, 4.5, "fake", "fake", two(now.x));
      box(3, 4.5, "D", "disc", two(now.l), forD); box(4, 4.5, "loss", "other", two(now.loss));
      for (let i = 0; i < 4; i++) ahead(i, 4.5);
      if (forD) { box(2, 6.8, "real", "real", "2.00"); net.line([[2.9, 6.8], [3.5, 6.8]], "ink").arrow([3.5, 6.8], [3.5, 5.2], "ink"); }
      net.text([forD ? 3.6 : 3.5, forD ? 6.8 : 5.4], forD ? "D moves" : "D is held still", "disc", { anchor: forD ? "start" : "middle", dy: 4, bold: forD });
      net.text([1.5, 5.4], forD ? "G is held still" : "G moves", "fake", { anchor: "middle", dy: 4, bold: !forD });
      // the way back, below
      const low = 3, back = (from, to, words, kind) => {
        net.arrow([from, low], [to, low], kind, { width: 3 });
        net.text([(from + to) / 2, low], words, kind, { anchor: "middle", dy: 18, bold: true });
      };
      back(4.5, 3.55, two(now.d_l), "disc");
      net.line([[3.5, low], [3.5, 3.8]], "disc", { width: 3, dash: forD ? null : "3 3" });
      net.text([3.5, 1.35], `to w: ${two(now.d_w)}`, "disc", { anchor: "middle", bold: forD });
      if (cut) {
        net.line([[3.05, low + 0.5], [2.85, low - 0.5]], "extra", { width: 3 }).line([[3.18, low + 0.5], [2.98, low - 0.5]], "extra", { width: 3 });
        net.text([2.85, low], "detach", "extra", { anchor: "end", dy: 4, bold: true });
      } else {
        back(3.4, 2.5, two(now.d_x), "fake");
        net.line([[2.5, low], [1.55, low]], "fake", { width: 3 }).arrow([1.5, low], [1.5, 3.8], "fake", { width: 3 });
      }
      net.text([1.5, 1.35], `to θ: ${two(now.d_theta)}`, "fake", { anchor: "middle", bold: !forD });
      net.text([0.06, low], "gradients", "quiet", { dy: 4 }).text([0.06, 6.8], "values", "quiet", { dy: 4 });
      net.text([0.06, 0.3], "In the box of D: its logit for the fake.", "quiet");
    },
    say({ player, detach, loss, w }, { D, d_theta, sum, alone }) {
      if (player === "D" && detach) return "D's step: real and fake samples go to the loss, the gradient goes back to D's weights and is cut before it reaches G.";
      if (player === "D" && Math.abs(d_theta) < 0.005) return `Without detach D's loss goes back to θ as well; here it leaves nearly nothing there, since ${w === 0 ? "D's weight is 0" : "D is sure that this fake is one"}.`;
      if (player === "D") return `Without detach D's loss leaves ${two(d_theta)} in θ, a wish for fakes that are easier to spot; if nobody clears it and D has not moved yet, G's loss makes it ${two(sum)} where ${two(alone)} is right.`;
      if (detach) return "G's step with detach: the gradient never reaches θ, and the generator learns nothing at all.";
      return `G's step: the gradient goes through D, which is held still, to θ; with D(fake) = ${D.toFixed(2)} the ${loss} loss gives θ ${two(d_theta)}. It also fills w's gradient, which must be cleared before D's next step.`;
    },
  });
})();

// One step of training in words: what each of its parts has done, with the numbers that it shows. No page is needed.
(function () {
  "use strict";
  const { LOSSES } = window.GanGame;
  const NAMES = [["draw", "draw"], ["judge", "judge"], ["gradientD", "D's gradient"], ["moveD", "D moves"],
                 ["gradientG", "G's gradient"], ["moveG", "G moves"]];
  const LONGER = 4; // how much longer than it is a move of G is drawn
  const DRAWN = { // what the board shows of each part, for its text alternative
    draw: "the batch's real points in blue and generated points in orange", judge: "the batch, with a ring around each point in the colour of D's opinion",
    gradientD: "the batch, with a disc for each point's wish", moveD: "the batch, on a ground that shows how D's output has changed",
    gradientG: "generated points, with arrows where G's loss pulls", moveG: "generated points, their new places, and lines of their moves" };

  const count = (n) => n.toLocaleString("en-US");
  const weights = (network) => count(network.layers.reduce((n, { weight, bias }) => n + weight.length + bias.length, 0));
  const average = (values) => values.reduce((a, b) => a + b, 0) / values.length;
  const text = (v) => (Math.abs(v) < 0.001 && v !== 0 ? v.toExponential(1) : v.toFixed(Math.abs(v) < 0.1 ? 3 : 2)).replace("-", "−");

  // Where an output counts as "real": a probability has a middle, a critic's height has only differences.
  function middle(loss, logits) {
    if (loss.startsWith("wasserstein")) return average(logits);
    return loss === "least-squares" ? 0.5 : 0;
  }
  function opinion(loss, logits) { // counts of points that D takes for what they are
    const n = logits.length / 2, m = middle(loss, logits);
    return { real: logits.subarray(0, n).filter((l) => l > m).length, fake: logits.subarray(n).filter((l) => l <= m).length,
             means: [average(logits.subarray(0, n)), average(logits.subarray(n))], n };
  }
  const lossOn = (loss, logits) => LOSSES[loss].real(logits.subarray(0, logits.length / 2)).value + LOSSES[loss].fake(logits.subarray(logits.length / 2)).value;

  function moves({ fake, after, pull }) { // of G's points: the mean length, and how many go within a right angle of their arrow
    const n = fake.length / 2;
    let length = 0, along = 0;
    for (let k = 0; k < n; k++) {
      const dx = after[2 * k] - fake[2 * k], dy = after[2 * k + 1] - fake[2 * k + 1];
      length += Math.hypot(dx, dy) / n;
      along += dx * pull[2 * k] + dy * pull[2 * k + 1] > 0;
    }
    return { length, along, n };
  }

  // The sentence for a part as game.part() returned it; `rise` is how far D's output changed at most on the board (moveD).
  function sentence(part, game, rise = 0) {
    const { loss } = game.settings, critic = loss.startsWith("wasserstein");
    const { penalty, clip } = LOSSES[loss], held = Boolean(penalty || game.settings.r1); // by a penalty on D's slope
    const among = part.round < part.steps ? ` of ${part.steps}` : ""; // fewer steps may have been chosen on the way
    const turn = (part.steps > 1 || part.round > 0) && !part.name.endsWith("G") ? ` (D's step ${part.round + 1}${among})` : "";
    switch (part.name) {
      case "draw":
        return `Draw${turn}: D gets ${part.real.length / 2} real points (dots) and ${part.fake.length / 2} points that G has made from new latent vectors (crosses).`;
      case "judge": {
        const { real, fake, means, n } = opinion(loss, part.logits);
        return critic
          ? `Judge${turn}: the critic's mean height is ${text(means[0])} at the real points and ${text(means[1])} at the generated ones, a gap of ${text(means[0] - means[1])}. Rings are blue above the mean of both (the ground: above the board's mean) and orange below; thick ones sit on the wrong side.`
          : `Judge${turn}: D takes ${real} of ${n} real points for real (blue rings) and ${fake} of ${n} generated ones for generated (orange rings). Thick rings are its mistakes.`;
      }
      case "gradientD":
        return `D's gradient${turn}: D's loss${held ? ", without the penalty," : ""} is ${text(part.loss)}. Each disc is a point's wish: blue wants D's output higher there, orange lower, and the larger the disc the stronger${critic ? "; for a critic all count the same" : ""}. ${held ? "Together with the penalty on D's slope, which no disc shows, they" : "Together they"} give one gradient for D's ${weights(game.discriminator)} weights, of length ${text(part.size)}.`;
      case "moveD":
        return `D moves${turn}${clip ? `, and then its weights are cut to ±${clip}` : ""}: its output has risen where the ground is blue and fallen where it is orange, by at most ${text(rise)}. Its loss on this batch${held ? ", the penalty not counted," : ""} was ${text(lossOn(loss, part.before))} and is now ${text(lossOn(loss, part.logits))}.`;
      case "gradientG":
        return `G's gradient: G draws ${part.fake.length / 2} new latent vectors and makes points from them. An arrow shows where G's loss, ${text(part.loss)}, falls fastest for that point. It comes through D, whose weights rest. On G's ${weights(game.generator)} weights the gradient has the length ${text(part.size)}.`;
      default: {
        const { length, along, n } = moves(part);
        return `G moves: each line starts at a point's old place and leads through its new one, ${LONGER} times as far as the point went; the mean move is ${text(length)}. ${along} of ${n} points went within a right angle of their arrow: they share G's weights, so none moves alone.`;
      }
    }
  }

  window.GanParts = { DRAWN, LONGER, NAMES, middle, moves, opinion, sentence };
})();

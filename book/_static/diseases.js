// Four diseases of training: their settings, their cures, and the number in which each shows. No page is needed.
(function () {
  "use strict";
  const { makeRandom } = window.GanGame;
  const DISEASES = {
    collapse: {
      name: "Mode collapse", sick: { rateD: 0.004, rateG: 0.0004, stepsD: 2 }, cure: { r1: 0.3 },
      cause: "A D that is far ahead: ten times G's learning rate (0.004 against 0.0004), and two steps for each of G's.",
      watch: "More and more samples sit right on a mode, and there are few such modes: the others are lost. D's loss stays far below 1.386: D knows which modes G never draws.",
      remedy: "R1, a penalty on the slope of D at real points, and nothing else. A gentler slope reaches as far as the samples and pulls them to lost modes: within some 2,000 steps most of them are covered again.",
      wait: "Waiting does not help: we watched 5,000 steps with seeds 1, 2 and 3, and in the second half at most four of the eight modes were covered.",
      chart: { title: "Modes covered, of eight", names: ["modes"], range: [0, 8] }, symptom: (s) => [s.coverage.covered],
    },
    vanishing: {
      name: "Vanishing gradient",
      sick: { loss: "saturating", plain: true, offset: 2.4, warmup: 2000, rateD: 0.001, rateG: 0.005 }, cure: { loss: "non-saturating" },
      cause: "Four things together: the saturating loss; plain gradient descent for G; a start far from the data; and a D that had 2,000 steps alone before G moved.",
      watch: "D is sure, its logit at the samples far below zero, and the loss is flat there: the samples stand still, step after step.",
      remedy: "Change the loss to the non-saturating one, nothing else. The samples set off at once. (Adam would hide the disease: it divides a gradient by its own size.) What comes after is a game of plain steps against a D that is ahead: it may well lose modes.",
      wait: "Waiting does not help: we watched 5,000 steps with seeds 1, 2 and 3, and the samples had come nearer by less than a tenth of the way.",
      chart: { title: "Size of the gradient at the samples", names: ["gradient"], log: true },
      symptom: (s, game) => {
        const { pull } = game.arrows(makeRandom(9).normals(200 * game.settings.latent));
        return [Math.sqrt(pull.reduce((sum, v) => sum + v * v, 0) / 200)];
      },
    },
    oscillation: {
      name: "Oscillation", sick: { data: "blob", beta1: 0.9, rateD: 0.01, rateG: 0.01 }, cure: { beta1: 0 },
      cause: "Momentum, β₁ = 0.9 for both players, at high learning rates. The data is a single Gaussian at (1, 1).",
      watch: "The clump of samples flies past its goal, is pulled back, and flies past again.",
      remedy: "No momentum, and nothing else: the learning rates stay as high as they are.",
      wait: "Waiting does not help: over 5,000 steps with seeds 1, 2 and 3 the clump shrinks and comes to sit near the goal, is flung away now and then, and never takes the data's shape.",
      chart: { title: "Mean of the samples; the data's is 1 across and 1 up, the level line", names: ["across", "up"], level: 1 },
      symptom: (s) => s.centre,
    },
    memorising: {
      name: "Memorising discriminator", sick: { data: "moons", pool: 12, stepsD: 3, rateD: 0.004, rateG: 0.001 }, cure: { pool: 0 },
      cause: "Only twelve real points, seen again and again. They are drawn; the distribution behind them has the shape of two moons.",
      watch: "Take one of its twelve points and a new point from the same moons: D mostly gives the known one the higher logit. It knows its points by heart, and drives G to them.",
      remedy: "More data, and nothing else: from here on every batch is new (its board shows 200 new points).",
      wait: "Waiting does not help: after 5,000 steps with seeds 1, 2 and 3 it still remembered its points.",
      chart: { title: "How often D ranks one of its twelve points above a new real point; level line: a coin", names: ["share"], level: 0.5, range: [0.4, 1] },
      symptom: (s) => [s.remembers],
    },
  };

  window.GanDiseases = DISEASES;
})();

// The map of models: which family each belongs to, and the answers to four questions.
(function () {
  "use strict";
  const FAMILIES = ["explicit: p(x) by a formula", "explicit: a bound on p(x)", "explicit: p(x) up to a constant", "implicit: no p(x), it only draws", "no model of x: a classifier"];
  // name, family, then: p(x) exactly? drawn in one pass? labels needed? trained in this book?
  const MODELS = [
    ["naive Bayes", 0, true, true, true, true], ["Gaussian mixture", 0, true, true, false, true],
    ["autoregressive", 0, true, false, false, true], ["normalising flow", 0, true, true, false, false],
    ["VAE", 1, false, true, false, true], ["diffusion model", 1, false, false, false, true],
    ["deep belief net", 1, false, false, false, false], ["Boltzmann (RBM)", 2, false, false, false, false],
    ["GAN", 3, false, true, false, true], ["conditional GAN", 3, false, true, true, true],
    ["logistic regression", 4, false, false, true, true],
  ];
  const ASKED = { exact: (m) => m[2], draw: (m) => m[3], labels: (m) => m[4], "no-labels": (m) => !m[4], book: (m) => m[5], without: (m) => m[1] > 2, none: () => true };

  function numbers({ ask, also }) {
    const lit = MODELS.map((m) => ASKED[ask](m) && ASKED[also](m));
    return { families: FAMILIES, models: MODELS, lit, count: lit.filter(Boolean).length, names: MODELS.filter((_, i) => lit[i]).map((m) => m[0]) };
  }

  window.GanMaths["map-of-models"] = { numbers };
})();

// The truth is +1 with chance c, else -1. What do answers cost that know c, but not the truth?
(function () {
  "use strict";
  const { linspace } = window.GanNumbers;
  const COST = { squared: (x, a) => (x - a) ** 2, absolute: (x, a) => Math.abs(x - a) };

  function costs(c, cost) {
    const of = (a) => c * cost(1, a) + (1 - c) * cost(-1, a), ends = [of(-1), of(1)];
    return { of, ends, mean: of(2 * c - 1), likelier: Math.min(...ends), draw: (1 - c) * ends[0] + c * ends[1] };
  }

  function numbers({ c, a, error }) {
    const cost = COST[error], { of, ends, mean, likelier, draw } = costs(c, cost);
    const by = linspace(0, 1, 51).map((x) => [x, costs(x, cost)]), against = (key) => by.map(([x, found]) => [x, found[key]]);
    return { best: 2 * c - 1, ink: 50 * (1 + a), yours: of(a), mean, likelier, draw, ends,
             bowl: linspace(-1, 1, 41).map((x) => [x, of(x)]), means: against("mean"), likeliers: against("likelier"), draws: against("draw") };
  }

  window.GanMaths["two-answers"] = { numbers };
})();

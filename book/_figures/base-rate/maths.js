// A thousand pictures, some of them fakes, and a detector: what an alarm is worth.
(function () {
  "use strict";
  const BASES = [0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50], near = (x) => Math.floor(x + 0.5 + 1e-9);
  const worth = (base, hits, alarms) => base * hits / (base * hits + (100 - base) * alarms);

  function numbers({ base, hits, alarms }) {
    const fakes = 10 * base, right = fakes * hits / 100, wrong = (1000 - fakes) * alarms / 100;
    const found = near(right), missed = near(fakes) - found, called = near(wrong);
    return {
      fakes, right, wrong, worth: 100 * worth(base, hits, alarms), needed: base * hits / (100 - base),
      unseen: 100 * (fakes - right) / (1000 - right - wrong),
      dots: [found, missed, called, 1000 - found - missed - called],
      curve: BASES.map((b) => [b, 100 * worth(b, hits, alarms)]),
    };
  }

  window.GanMaths["base-rate"] = { numbers };
})();

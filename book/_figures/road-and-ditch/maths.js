// A road, a ditch beside it, an expert who never errs, and a clone that errs with probability eps at each step on the road.
(function () {
  "use strict";
  const STEPS = 80, MOST = 0.3, part = (w, m) => w > 0 ? 0.5 * w * Math.log(w / m) : 0;
  const road = (eps, { back, gamma }) => (1 - gamma + gamma * back) / (1 - gamma + gamma * back + gamma * eps); // discounted share of time
  const apart = (eps, world) => 1 - (1 - eps) * road(eps, world); // total variation: the expert is always on the road and does the right thing

  function numbers(state) {
    const { eps, back, gamma } = state, on = road(eps, state), right = on * (1 - eps), m = (1 + right) / 2;
    const way = [1];
    while (way.length <= STEPS) { const p = way[way.length - 1]; way.push(p * (1 - eps) + (1 - p) * back); }
    return {
      way, fading: way.map((_, t) => gamma ** t), ditch: 1 - on, ditch_percent: 100 * (1 - on), right, wrong: on * eps, tv: apart(eps, state), bound: eps / (1 - gamma),
      jsd: part(1, m) + part(right, m) + 0.5 * (1 - right) * Math.log(2), // all else is the clone's alone
      curve: Array.from({ length: 61 }, (_, i) => [MOST * i / 60, apart(MOST * i / 60, state)]),
    };
  }

  window.GanMaths["road-and-ditch"] = { numbers };
})();

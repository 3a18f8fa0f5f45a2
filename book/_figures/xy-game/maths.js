// Two players on a line each: x makes the product xy small, y makes it large.
(function () {
  "use strict";
  // One step of size h by a rule, from [x, y].
  const RULES = {
    simultaneous: ([x, y], h) => [x - h * y, y + h * x],
    alternating([x, y], h) { const moved = x - h * y; return [moved, y + h * moved]; },
    extragradient([x, y], h) { const [a, b] = RULES.simultaneous([x, y], h); return [x - h * b, y + h * a]; },
  };

  function numbers({ x, y, h, rule, t }) {
    const paths = Object.fromEntries(Object.keys(RULES).map((name) => {
      const list = [[x, y]];
      for (let k = 0; k < t; k++) list.push(RULES[name](list[k], h));
      return [name, list];
    })), path = paths[rule], distances = Object.fromEntries(Object.entries(paths).map(([name, list]) => [name, list.map((p) => Math.hypot(...p))]));
    const now = path[t], mean = [0, 1].map((i) => path.reduce((sum, p) => sum + p[i], 0) / path.length);
    const radius = Math.hypot(...now);
    return { path, distances, mean, radius, mean_radius: Math.hypot(...mean), ratio: radius / Math.hypot(x, y), product: now[0] * now[1],
             growth: { simultaneous: Math.sqrt(1 + h * h), alternating: 1, extragradient: Math.sqrt(1 - h * h + h ** 4) }[rule] };
  }

  window.GanMaths["xy-game"] = { numbers };
})();

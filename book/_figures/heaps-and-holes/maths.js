// Heaps of real earth and holes of fake shape on a line: the best plan, and the landscape that proves it best.
(function () {
  "use strict";
  const TINY = 1e-9;
  // Places and shares of a law, sorted, equal places as one, empty ones left out.
  function law(places, amounts) {
    const all = amounts.reduce((a, b) => a + b, 0), at = new Map();
    places.forEach((x, i) => at.set(x, (at.get(x) || 0) + amounts[i] / all));
    return [...at].filter(([, share]) => share > TINY).sort((a, b) => a[0] - b[0]);
  }

  function numbers(s) {
    const p = law([s.x1, s.x2, s.x3], [s.p1, s.p2, s.p3]);
    const q = law([s.y1, s.y2, s.y3].map((y) => y + s.shift), [s.q1, s.q2, s.q3]);
    // On a line one best plan keeps the order: the leftmost earth goes into the leftmost hole.
    const plan = [], left = p.map((a) => a[1]), room = q.map((b) => b[1]);
    for (let i = 0, j = 0; i < p.length && j < q.length;) {
      const mass = Math.min(left[i], room[j]);
      if (mass > TINY) plan.push([p[i][0], q[j][0], mass]);
      left[i] -= mass; room[j] -= mass;
      if (left[i] <= TINY) i++; else j++;
    }
    const w1 = plan.reduce((sum, [x, y, mass]) => sum + mass * Math.abs(x - y), 0);
    // The landscape's slope is the sign of F_q - F_p, and 0 where nothing is carried.
    const at = [...new Set([...p, ...q].map((a) => a[0]))].sort((a, b) => a - b);
    const below = (l, t) => l.reduce((sum, [x, share]) => sum + (x <= t ? share : 0), 0);
    const height = new Map([[at[0], 0]]);
    for (let k = 1; k < at.length; k++) {
      const gap = below(q, at[k - 1]) - below(p, at[k - 1]);
      height.set(at[k], height.get(at[k - 1]) + (Math.abs(gap) > TINY ? Math.sign(gap) : 0) * (at[k] - at[k - 1]));
    }
    const low = Math.min(...height.values()), f = at.map((x) => [x, height.get(x) - low]);
    const mean = (l) => l.reduce((sum, [x, share]) => sum + share * (height.get(x) - low), 0);
    const [mean_real, mean_fake] = [mean(p), mean(q)];
    const jsd = at.reduce((sum, x) => {
      const [a, b] = [p, q].map((l) => (l.find((e) => e[0] === x) || [x, 0])[1]);
      return sum + (a && a * Math.log(2 * a / (a + b)) / 2) + (b && b * Math.log(2 * b / (a + b)) / 2);
    }, 0);
    return { p, q, plan, f, w1, mean_real, mean_fake, gap: mean_real - mean_fake, jsd };
  }

  window.GanMaths["heaps-and-holes"] = { numbers };
})();

// Two real and two fake points on a line, and the best critic that each way of holding the slope allows.
(function () {
  "use strict";
  const TINY = 1e-9, relu = (t) => Math.max(0, t);
  const GRID = window.GanNumbers.linspace(-3.5, 3.5, 57);
  const mean = (points, f) => points.reduce((sum, x) => sum + f(x) / points.length, 0);

  function numbers({ x1, x2, y1, y2, way, lambda, c, m }) {
    const real = [x1, x2], fake = [y1, y2], at = [...new Set([...real, ...fake])].sort((a, b) => a - b);
    const below = (points, t) => points.filter((x) => x <= t).length / 2;
    // A function given by slopes between places, flat outside, with the height 0 at the left.
    const broken = (pieces) => (x) => pieces.reduce((sum, [from, to, slope]) => sum + slope * (Math.min(Math.max(x, from), to) - from), 0);
    const steep = [], charged = [];
    for (let k = 1; k < at.length; k++) {
      const [a, b] = [at[k - 1], at[k]], ahead = below(fake, a) - below(real, a);
      // The density of a point that is uniform between a random real and a random fake one.
      let h = 0;
      for (const x of real) for (const y of fake) if (Math.min(x, y) <= a && Math.max(x, y) >= b) h += 0.25 / Math.abs(x - y);
      steep.push([a, b, Math.sign(ahead)]);
      if (ahead) charged.push([a, b, Math.sign(ahead) * (1 + Math.abs(ahead) / (2 * lambda * h))]);
      else if (h) charged.push([a, (a + b) / 2, -1], [(a + b) / 2, b, 1]); // nothing is carried, yet slope 1 is asked for
    }
    // One hidden unit with a kink at t, open to the right (o = 1) or left: the gap that it makes by itself. A layer of many can do no better
    // than to let all of them do what the best one does.
    const unit = (t, o) => (x) => relu(o * (x - t)), alone = (t, o) => mean(real, unit(t, o)) - mean(fake, unit(t, o));
    const places = [...new Set([...at, -1, 0, 1])].sort((a, b) => Math.abs(a) - Math.abs(b) || a - b);
    function best(weight) {
      let found = { gap: 0, t: 0, o: 1, sign: 0, size: 0 };
      for (const t of places) for (const o of [1, -1]) {
        const gap = weight(t) * alone(t, o);
        if (Math.abs(gap) > found.gap + TINY) found = { gap: Math.abs(gap), t, o, sign: Math.sign(gap), size: weight(t) };
      }
      return found;
    }
    const clipped = best((t) => m * c * c * Math.min(1, 1 / Math.abs(t))), normed = best(() => 1); // the bias -w t is clipped, too
    const one = ({ sign, size, t, o }) => (x) => sign * size * unit(t, o)(x);
    const critics = { truth: broken(steep), penalty: broken(charged), clipping: one(clipped), spectral: one(normed) };
    const gap = (f) => mean(real, f) - mean(fake, f), line = (f) => GRID.map((x) => f(x) - mean(fake, f)), f = critics[way];
    const slope = { truth: Math.max(...steep.map((s) => Math.abs(s[2])), 0), penalty: Math.max(...charged.map((s) => Math.abs(s[2])), 0), clipping: clipped.size, spectral: normed.sign ? 1 : 0 };
    return { f: line(f), best: line(critics.truth), w1: gap(critics.truth), penalty: gap(critics.penalty), clipping: gap(critics.clipping),
             spectral: gap(critics.spectral), reading: gap(f), slope: slope[way] };
  }

  window.GanMaths["critic-on-a-line"] = { numbers, GRID };
})();

// Linear translators between two Gaussians, N(0, A) and N(0, B), in the plane: G goes from X to Y, F comes back.
(function () {
  "use strict";
  const { makeRandom } = window.GanNumbers;
  const A = [1, 0.3, 0.3, 0.5], B = [0.5, 0.4, 0.4, 1.4]; // as in the lab
  const LETTER = [[0, 0], [0.25, 0], [0.25, 0.4], [0.55, 0.4], [0.55, 0.62], [0.25, 0.62], [0.25, 0.78], [0.7, 0.78], [0.7, 1], [0, 1]]; // an F
  const times = ([a, b, c, d], [e, f, g, h]) => [a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h];
  const at = ([a, b, c, d], [x, y]) => [a * x + b * y, c * x + d * y], trace = (m) => m[0] + m[3], square = (m) => m.reduce((sum, v) => sum + v * v, 0);
  const inverse = ([a, b, c, d]) => { const det = a * d - b * c; return [d / det, -b / det, -c / det, a / det]; };
  const root = ([a, b, c, d]) => { const s = Math.sqrt(a * d - b * c), t = Math.sqrt(a + d + 2 * s); return [(a + s) / t, b / t, c / t, (d + s) / t]; };
  const turned = (degrees) => { const t = degrees * Math.PI / 180; return [Math.cos(t), -Math.sin(t), Math.sin(t), Math.cos(t)]; };

  // G = B^1/2 O A^-1/2. The least move has the symmetric G = A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2; its O is the turn by 0.
  const a = root(A), b = root(B), [ia, ib] = [inverse(a), inverse(b)];
  const zero = times(ib, times(ia, root(times(a, times(B, a))))); // B^-1/2 G A^1/2
  // Mirrored maps are counted from the one that moves points least among them: it keeps the longer axis of B^1/2 A^1/2 O'.
  const [p, q, , r] = times(b, times(a, [zero[0], zero[2], zero[1], zero[3]])), twice = Math.atan2(2 * q, p - r);
  const flipped = times([Math.cos(twice), Math.sin(twice), Math.sin(twice), -Math.cos(twice)], zero);
  const points = LETTER.map(([x, y]) => at(a, [1.5 * x + 0.5, 1.5 * y + 0.1])), random = makeRandom(4), cloud = Array.from({ length: 160 }, () => at(b, [random.normal(), random.normal()]));

  function numbers({ turn, mirror, stretch, slip, truth }) {
    const shape = (degrees) => times(turned(degrees), mirror === "mirrored" ? flipped : zero).map((v) => stretch * v);
    const right = times(turned(truth), zero), map = (o) => times(b, times(o, ia));
    // What the losses come to: the laws see the stretch alone, the cycles the slip alone.
    const laws = (stretch ** 2 - 1) ** 2 * square(B) + (stretch ** -2 - 1) ** 2 * square(A);
    const cycle = 2 * (trace(A) + trace(B)) * (1 - Math.cos(slip * Math.PI / 180));
    const move = (o) => trace(A) + stretch ** 2 * trace(B) - 2 * trace(times(map(o), A));
    const miss = (o) => square(times(b, o.map((v, i) => v - right[i])));
    const curves = { judged: [], moved: [], error: [] };
    for (let t = -180; t <= 180; t += 5) {
      const o = shape(t);
      curves.judged.push([t, laws + cycle]); curves.moved.push([t, move(o)]); curves.error.push([t, miss(o)]);
    }
    const o = shape(turn), back = times(a, times(turned(-slip), times(inverse(o), ib))), sent = points.map((x) => at(map(o), x));
    return { points, sent, returned: sent.map((y) => at(back, y)), partners: points.map((x) => at(map(right), x)), cloud, curves,
             laws, cycle, judged: laws + cycle, moved: move(o), error: miss(o), chance: 2 * trace(B) };
  }

  window.GanMaths["perfect-pairs"] = { numbers };
})();

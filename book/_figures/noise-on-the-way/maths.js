// A colour c ~ N(0, 1), hidden in a flat picture of d pixels as shade * c * v with signs v that F knows; noise falls on the way.
(function () {
  "use strict";
  const { makeRandom, normalDensity } = window.GanNumbers;
  const AXIS = Array.from({ length: 121 }, (_, i) => i / 20 - 3), WAY = Array.from({ length: 81 }, (_, i) => 0.01 * 200 ** (i / 80)); // colours; sizes of noise

  function numbers({ side, shade, noise, colour, seed }) {
    const d = side * side, random = makeRandom(seed), signs = Array.from({ length: d }, () => random.uniform() < 0.5 ? -1 : 1);
    const sent = signs.map((v) => shade * colour * v), seen = sent.map((r) => r + noise * random.normal());
    const mean = seen.reduce((sum, w, i) => sum + signs[i] * w, 0) / (d * shade); // the colour, and noise / (sqrt(d) shade)
    const plain = (s) => 1 / (1 + d * (shade / s) ** 2), bound = (s) => (1 + (shade / s) ** 2) ** -d, left = plain(noise);
    const guess = (1 - left) * mean;
    return { d, sent, seen, guess, left, least: bound(noise), cure: Math.sqrt(d) * shade, times: noise / shade,
             belief: AXIS.map((c) => [c, normalDensity(c, guess, Math.sqrt(left))]), before: AXIS.map((c) => [c, normalDensity(c, 0, 1)]),
             plain: WAY.map((s) => [s, plain(s)]), bound: WAY.map((s) => [s, bound(s)]) };
  }

  window.GanMaths["noise-on-the-way"] = { numbers };
})();

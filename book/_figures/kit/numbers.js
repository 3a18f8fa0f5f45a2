// Mathematics that live figures and the playground share; no page is needed. kit/twins.py holds the same in Python.
(function () {
  "use strict";
  window.GanMaths = window.GanMaths || {}; // each figure adds its own under its name
  if (window.GanNumbers) return;

  // Random numbers that a seed repeats (Mulberry32).
  function makeRandom(seed) {
    let state = seed >>> 0, spare = null;
    function uniform() {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    }
    function normal() { // Box and Muller, two at a time
      if (spare !== null) { const value = spare; spare = null; return value; }
      const radius = Math.sqrt(-2 * Math.log(1 - uniform())), angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    }
    function normals(n) {
      const values = new Float64Array(n);
      for (let i = 0; i < n; i++) values[i] = normal();
      return values;
    }
    const save = () => ({ state, spare }), load = (saved) => { ({ state, spare } = saved); };
    return { uniform, normal, normals, save, load };
  }

  const linspace = (from, to, n) => Array.from({ length: n }, (_, i) => from + (to - from) * i / (n - 1));
  const normalDensity = (x, mean, std) => Math.exp(-0.5 * ((x - mean) / std) ** 2) / (std * Math.sqrt(2 * Math.PI));
  const sigmoid = (t) => t >= 0 ? 1 / (1 + Math.exp(-t)) : Math.exp(t) / (1 + Math.exp(t));
  const softplus = (t) => Math.max(t, 0) + Math.log1p(Math.exp(-Math.abs(t)));
  const mean = (values) => values.reduce((sum, v) => sum + v, 0) / values.length;

  window.GanNumbers = { linspace, makeRandom, mean, normalDensity, sigmoid, softplus };
})();

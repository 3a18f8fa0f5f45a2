// The roofline: the time of an operation is bounded by its arithmetic and by the bytes that it moves.
(function () {
  "use strict";
  const BYTES = 4; // of a float32
  const COUNT = { // flops and numbers moved, for two square matrices with n rows
    product: (n) => [2 * n ** 3, 3 * n ** 2], sum: (n) => [n ** 2, 3 * n ** 2],
  };

  function numbers({ p, r, n, what }) {
    const peak = 10 ** p, rate = 10 ** r, rows = 2 ** n, [flops, moved] = COUNT[what](rows); // Gflop/s, GB/s
    const bytes = BYTES * moved, arithmetic = flops / peak / 1e6, memory = bytes / rate / 1e6; // milliseconds
    const time = Math.max(arithmetic, memory), reached = flops / time / 1e6;
    return { rows, flops, bytes, peak, rate, ridge: peak / rate, intensity: flops / bytes, arithmetic, memory, time, reached,
             share: 100 * reached / peak, bound: arithmetic >= memory ? "arithmetic" : "memory" };
  }

  window.GanMaths.roofline = { numbers };
})();

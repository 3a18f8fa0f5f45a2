// The stamps of a transposed convolution on a constant row of 7 ones, and the same kernel after a resize.
(function () {
  "use strict";
  const N = 7;
  const TAPS = { equal: () => 1, tent: (t, k) => Math.min(t + 1, k - t), uneven: (t, k) => t === 0 ? 2 : t === k - 1 && k > 2 ? 0 : 1 };
  const range = (n) => Array.from({ length: Math.max(0, n) }, (_, i) => i);

  function numbers({ k, s, p, taps, at }) {
    const w = range(k).map((t) => TAPS[taps](t, k)), size = (N - 1) * s - 2 * p + k;
    // Input i writes tap t to the output place s i - p + t.
    const stamps = range(size).map((o) => range(N).map((i) => [i, o + p - s * i]).filter(([, t]) => t >= 0 && t < k));
    const values = stamps.map((list) => list.reduce((sum, [, t]) => sum + w[t], 0)), coverage = stamps.map((list) => list.length);
    // Away from the border: every input that could write there exists.
    const whole = range(size).filter((o) => range(k).every((t) => (o + p - t) % s !== 0 || ((o + p - t) / s >= 0 && (o + p - t) / s < N)));
    const place = Math.round(at / 100 * (size - 1)), inside = whole.map((o) => values[o]), pad = Math.floor((k - 1) / 2);
    // Resize first: repeat each input s times, then an ordinary convolution of stride 1.
    const resized = range(N * s + 2 * pad - k + 1).map((o) => range(k).reduce((sum, t) => sum + (o - pad + t >= 0 && o - pad + t < N * s ? w[t] : 0), 0));
    return { row: w.join(", "), size, values, coverage, place, whole, resized, sources: stamps[place].map(([i]) => i), count: coverage[place], value: values[place],
             sum: stamps[place].map(([i, t]) => `x${i}·${w[t]}`).join(" + ") || "nothing",
             size_sum: `(${N} − 1)·${s} − 2·${p} + ${k} = ${size}`, sums: range(s).map((r) => range(k).reduce((sum, t) => sum + (t % s === r ? w[t] : 0), 0)).join(", "),
             low: Math.min(...inside), high: Math.max(...inside) };
  }

  window.GanMaths.stamp = { numbers };
})();

// The time of one training step on N processes: a fixed part, arithmetic, waiting for messages, bytes on the wire.
(function () {
  "use strict";
  const MOST = 13; // processes are powers of 2, up to 2^13

  function numbers({ n, b, fixed, sample, latency, messages, weights, bandwidth }) {
    const batch = 2 ** b, round = messages * latency / 1000, wire = 4 * weights / bandwidth; // milliseconds; 4 bytes a weight, GB/s
    const parts = (N) => [fixed, sample * batch / N, 2 * (N - 1) * round, 2 * (N - 1) / N * wire];
    const time = (N) => parts(N).reduce((a, p) => a + p, 0), alone = time(1), N = 2 ** n;
    const left = sample * batch - 2 * wire, best = left > 2 * round ? Math.sqrt(left / (2 * round)) : 1;
    const whole = Math.max(1, Math.ceil((Math.sqrt(1 + 4 * best ** 2) - 1) / 2)); // N beats N + 1 where N (N + 1) is at least best²
    const sizes = window.GanNumbers.linspace(0, MOST, 53).map((e) => 2 ** e);
    return { processes: N, parts: parts(N), time: time(N), speedup: alone / time(N), ceiling: alone / fixed, best, whole, best_speedup: alone / time(best),
             curve: sizes.map((size) => [size, alone / time(size)]) };
  }

  window.GanMaths["where-a-step-goes"] = { numbers };
})();

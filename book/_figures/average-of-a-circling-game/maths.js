// The game xy with turns, which goes round and round; and two averages of its places: of all, and one that forgets.
(function () {
  "use strict";
  function numbers({ h, rho, t }) {
    const path = [[1, 0]], sum = [1, 0], means = [[1, 0]], emas = [[1, 0]];
    for (let k = 0; k < t; k++) {
      const [x, y] = path[k], moved = x - h * y, now = [moved, y + h * moved];
      path.push(now);
      means.push([0, 1].map((i) => (sum[i] += now[i]) / (k + 2)));
      emas.push([0, 1].map((i) => rho * emas[k][i] + (1 - rho) * now[i]));
    }
    const away = (points) => points.map((p) => Math.hypot(...p)), last = (list) => list[list.length - 1], turn = Math.acos(1 - h * h / 2), period = 2 * Math.PI / turn;
    const distances = [path, means, emas].map(away);
    const over = (list) => list.slice(-Math.round(period)).reduce((s, d) => s + d, 0); // the last turn; the path is an ellipse, so single steps differ
    return { path, means, emas, distances, now: last(distances[0]), mean: last(distances[1]), ema: last(distances[2]), period, share: over(distances[2]) / over(distances[0]),
             factor: (1 - rho) / Math.sqrt(1 - 2 * rho * Math.cos(turn) + rho * rho) };
  }

  window.GanMaths["average-of-a-circling-game"] = { numbers };
})();

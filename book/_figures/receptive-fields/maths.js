// What one unit of a stack of convolutions sees of a row of 28 pixels.
(function () {
  "use strict";
  const N = 28;

  function numbers({ layer, at, k1, k2, k3, s, p }) {
    const kernels = [k1, k2, k3], sizes = [N], r = [1], jump = [1], first = [0], parts = ["1"]; // first: where the window of unit 0 starts
    for (let l = 0; l < layer && sizes[l] + 2 * p >= kernels[l]; l++) {
      sizes.push(Math.floor((sizes[l] + 2 * p - kernels[l]) / s) + 1);
      r.push(r[l] + (kernels[l] - 1) * jump[l]);
      first.push(first[l] - p * jump[l]);
      parts.push(`${kernels[l] - 1}·${jump[l]}`);
      jump.push(jump[l] * s);
    }
    const top = sizes.length - 1, unit = Math.round(at / 100 * (sizes[top] - 1)), seen = [];
    seen[top] = [unit];
    for (let l = top; l > 0; l--) {
      const below = new Set();
      for (const i of seen[l]) for (let t = 0; t < kernels[l - 1]; t++) below.add(s * i - p + t);
      seen[l - 1] = [...below].filter((i) => i >= 0 && i < sizes[l - 1]).sort((a, b) => a - b);
    }
    let open = [0]; // what the unit would reach if no layer had a border, from the start of its window
    for (let l = top; l > 0; l--) open = [...new Set(open.flatMap((i) => Array.from({ length: kernels[l - 1] }, (_, t) => s * i + t)))];
    const from = first[top] + unit * jump[top], to = from + r[top] - 1, within = (i) => i >= 0 && i < N;
    const inside = Array.from({ length: r[top] }, (_, i) => from + i).filter(within).length, reach = open.filter((i) => within(from + i)).length, reads = seen[0].length;
    return { sizes, r, jump, first, top, unit, seen, from, to, window: r[top], reads, outside: r[top] - inside,
             skipped: inside - reach, padded: reach - reads, // between the kernels' steps; behind the padding of a layer between
             size_row: sizes.join(" → "), sum: `${parts.join(" + ")} = ${r[top]}` };
  }

  window.GanMaths["receptive-fields"] = { numbers };
})();

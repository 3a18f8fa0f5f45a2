// The book's own DCGAN for images of 28 x 28: shapes and weights of every layer, by the formulas for sizes.
(function () {
  "use strict";
  const LATENT = 64;
  const shrink = (n, k, s, p) => Math.floor((n + 2 * p - k) / s) + 1, grow = (n, k, s, p) => (n - 1) * s - 2 * p + k;

  function network(who, w) {
    // [name, kernel, stride, padding, maps in, maps out, batch norm behind it, biases]
    const layers = who === "generator"
      ? [["transposed convolution", 3, 1, 1, 2 * w, 2 * w, true, false], ["transposed convolution", 4, 2, 1, 2 * w, w, true, false], ["transposed convolution", 4, 2, 1, w, 1, false, true]]
      : [["convolution", 4, 2, 1, 1, w, false, true], ["convolution", 4, 2, 1, w, 2 * w, true, false], ["convolution", 3, 2, 1, 2 * w, 4 * w, true, false]];
    const sides = [who === "generator" ? 7 : 28], shapes = [], rows = [];
    for (const [name, k, s, p, from, to, norm, bias] of layers) {
      const n = sides[sides.length - 1], next = (who === "generator" ? grow : shrink)(n, k, s, p);
      sides.push(next);
      rows.push({ name: `${name}, kernel ${k}, stride ${s}, padding ${p}`,
                  size: who === "generator" ? `(${n} − 1)·${s} − 2·${p} + ${k} = ${next}` : `⌊(${n} + 2·${p} − ${k}) / ${s}⌋ + 1 = ${next}`,
                  weights: k * k * from * to + (bias ? to : 0) + (norm ? 2 * to : 0) });
    }
    if (who === "generator") {
      shapes.push([LATENT, 1], ...[2 * w, 2 * w, w, 1].map((maps, i) => [maps, sides[i]]));
      rows.unshift({ name: "dense", size: `${2 * w}·7·7 = ${98 * w}`, weights: LATENT * 98 * w + 4 * w });
    } else {
      shapes.push(...[1, w, 2 * w, 4 * w].map((maps, i) => [maps, sides[i]]), [1, 1]);
      rows.push({ name: "dense", size: `${4 * w}·${sides[3]}·${sides[3]} = ${4 * w * sides[3] ** 2} in, 1 out`, weights: 4 * w * sides[3] ** 2 + 1 });
    }
    const all = rows.map((r) => r.weights);
    return { shapes, rows, all, total: all.reduce((a, b) => a + b, 0) };
  }

  function numbers({ who, layer, width }) {
    const { shapes, rows, all, total } = network(who, width), pair = network("generator", width).total + network("discriminator", width).total;
    const words = ([maps, n]) => n > 1 ? `${maps} × ${n} × ${n}` : String(maps);
    return { shapes, all, total, pair, weights: all[layer - 1], share: 100 * all[layer - 1] / total, name: rows[layer - 1].name, size: rows[layer - 1].size,
             shape: `${words(shapes[layer - 1])} → ${words(shapes[layer])}` };
  }

  window.GanMaths["two-networks"] = { numbers };
})();

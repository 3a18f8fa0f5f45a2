// The forward pass of a generator in the browser: no kernel, no library, no request. gan_helpers/widgets.py writes the
// network that it reads. Feature maps are stored pixel by pixel, channels last, so that inner loops run over neighbours.
(function () {
  "use strict";

  function decode(packed) { // float32, float16, or int8 with a scale for each output, in base64, as gan_helpers.browser packs them
    if (!packed) return null;
    const bytes = Uint8Array.from(atob(packed.f32 || packed.f16 || packed.i8), (c) => c.charCodeAt(0));
    if (packed.i8) {
      const scale = decode(packed.scale);
      return Float32Array.from(new Int8Array(bytes.buffer), (step, i) => step * scale[i % scale.length]);
    }
    if (packed.f32) return check(new Float32Array(bytes.buffer));
    return check(Float32Array.from(new Uint16Array(bytes.buffer), (h) => {
      const sign = h & 0x8000 ? -1 : 1, exponent = (h >> 10) & 31, fraction = h & 1023;
      if (exponent === 0) return sign * fraction * 2 ** -24;
      return exponent === 31 ? NaN : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
    }));
  }
  function check(numbers) {
    if (!numbers.every(Number.isFinite)) throw new Error("The weights of this generator hold NaN or infinity; train it again.");
    return numbers;
  }

  // Both kinds of convolution. `scatter` (transposed): a pixel of the input paints a patch of the output.
  function convolve({ data, side }, { in: nIn, out: nOut, kernel, stride, padding, weight, bias }, scatter) {
    const size = scatter ? (side - 1) * stride - 2 * padding + kernel : Math.floor((side + 2 * padding - kernel) / stride) + 1;
    const output = new Float32Array(size * size * nOut), [fine, coarse] = scatter ? [size, side] : [side, size];
    if (bias) for (let i = 0; i < output.length; i++) output[i] = bias[i % nOut];
    for (let y = 0; y < coarse; y++) for (let x = 0; x < coarse; x++) for (let ky = 0; ky < kernel; ky++) {
      const row = y * stride - padding + ky;
      if (row < 0 || row >= fine) continue;
      for (let kx = 0; kx < kernel; kx++) {
        const column = x * stride - padding + kx;
        if (column < 0 || column >= fine) continue;
        const near = y * coarse + x, far = row * fine + column;
        const from = (scatter ? near : far) * nIn, to = (scatter ? far : near) * nOut;
        for (let c = 0; c < nIn; c++) {
          const value = data[from + c], at = ((c * kernel + ky) * kernel + kx) * nOut;
          if (value !== 0) for (let o = 0; o < nOut; o++) output[to + o] += value * weight[at + o]; // ReLU leaves many zeros
        }
      }
    }
    return { data: output, side: size };
  }

  const RUN = {
    linear({ data }, { in: nIn, out: nOut, weight, bias }) { // weight (in, out)
      const output = bias ? bias.slice() : new Float32Array(nOut);
      for (let i = 0; i < nIn; i++) {
        const value = data[i], at = i * nOut;
        if (value !== 0) for (let o = 0; o < nOut; o++) output[o] += value * weight[at + o];
      }
      return { data: output, side: 0 };
    },
    norm({ data, side }, { factor, shift }) {
      return { data: data.map((v, i) => v * factor[i % factor.length] + shift[i % factor.length]), side };
    },
    leaky: ({ data, side }, { slope }) => ({ data: data.map((v) => v > 0 ? v : slope * v), side }),
    tanh: ({ data, side }) => ({ data: data.map(Math.tanh), side }),
    sigmoid: ({ data, side }) => ({ data: data.map((v) => 1 / (1 + Math.exp(-v))), side }),
    unflatten: ({ data }, { channels, side }) => ({ data: lastFirst(data, channels, side * side), side }),
    flatten: ({ data, side }) => ({ data: side ? lastFirst(data, side * side, data.length / side / side) : data, side: 0 }),
    transposed: (map, layer) => convolve(map, layer, true),
    convolution: (map, layer) => convolve(map, layer, false),
    upsample({ data, side }, { factor }) {
      const nChannels = data.length / side / side, size = side * factor, output = new Float32Array(size * size * nChannels);
      for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) {
        const from = (Math.floor(y / factor) * side + Math.floor(x / factor)) * nChannels;
        output.set(data.subarray(from, from + nChannels), (y * size + x) * nChannels);
      }
      return { data: output, side: size };
    },
  };

  function lastFirst(data, rows, columns) { // transpose (rows, columns)
    const output = new Float32Array(data.length);
    for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) output[c * rows + r] = data[r * columns + c];
    return output;
  }

  // Returns { latent, classes, shape, directions, draw(z, label or weights) -> Float32Array (C * H * W) in [-1, 1] }.
  function makeGenerator(network) {
    if (!network) throw new Error("The weights of this generator are missing; reload the page or build the book again.");
    const layers = network.layers.map((l) => {
      if (!RUN[l.kind]) throw new Error(`This page cannot run a layer of the kind "${l.kind}".`);
      const layer = { ...l, weight: decode(l.weight), bias: decode(l.bias) };
      if (l.kind === "norm") {
        const [mean, variance] = [decode(l.mean), decode(l.variance)];
        layer.factor = variance.map((v, i) => (layer.weight ? layer.weight[i] : 1) / Math.sqrt(v + l.epsilon));
        layer.shift = mean.map((m, i) => (layer.bias ? layer.bias[i] : 0) - m * layer.factor[i]);
      }
      return layer;
    });
    const { latent, classes, shape } = network, flat = decode(network.directions), directions = [];
    for (let i = 0; i < flat.length; i += latent) directions.push(flat.slice(i, i + latent));

    function draw(z, label = 0) {
      if (z.length !== latent) throw new Error(`A latent vector of ${latent} numbers is needed, but ${z.length} came.`);
      const mixed = Array.isArray(label); // a weight for each class in place of one class
      if (mixed && label.length !== classes.length) throw new Error(`${classes.length} weights of classes are needed, but ${label.length} came.`);
      if (!mixed && classes.length && !(label >= 0 && label < classes.length)) throw new Error(`There is no class ${label}.`);
      let map = { data: new Float32Array(latent + classes.length), side: 0 };
      map.data.set(z);
      if (mixed) map.data.set(label, latent);
      else if (classes.length) map.data[latent + label] = 1;
      for (const layer of layers) map = RUN[layer.kind](map, layer);
      return RUN.flatten(map).data;
    }
    return { latent, classes, shape, directions, draw };
  }

  // Cubic enlargement of (channels, height, width) by a whole factor, the values kept in [-1, 1]. The kernels are those of
  // Mitchell and Netravali with 2C + B = 1, from B = 0 (sharp; what PIL calls BICUBIC) to B = 1 (soft; the B-spline). A third
  // is their compromise between stairs and blur. At the border the weights are brought to the sum 1.
  function cubic(x, b) {
    const c = (1 - b) / 2;
    if (x < 1) return (((12 - 9 * b - 6 * c) * x - 18 + 12 * b + 6 * c) * x * x + 6 - 2 * b) / 6;
    return x < 2 ? ((((-b - 6 * c) * x + 6 * b + 30 * c) * x - 12 * b - 48 * c) * x + 8 * b + 24 * c) / 6 : 0;
  }
  function taps(size, factor, b) { // for each pixel of the output: the first pixel that counts, and the weights from there on
    return Array.from({ length: size * factor }, (_, i) => {
      const centre = (i + 0.5) / factor - 0.5, first = Math.max(0, Math.floor(centre) - 1), weights = [];
      for (let at = first; at <= Math.min(size - 1, Math.floor(centre) + 2); at++) weights.push(cubic(Math.abs(at - centre), b));
      const sum = weights.reduce((a, b) => a + b, 0);
      return [first, weights.map((w) => w / sum)];
    });
  }
  function enlarge(values, [channels, height, width], factor, b = 1 / 3) {
    const across = taps(width, factor, b), down = taps(height, factor, b);
    const [h, w] = [height * factor, width * factor], wide = new Float32Array(height * w), output = new Float32Array(channels * h * w);
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) for (let x = 0; x < w; x++) {
        const [first, weights] = across[x], at = (c * height + y) * width + first;
        let sum = 0;
        for (let i = 0; i < weights.length; i++) sum += weights[i] * values[at + i];
        wide[y * w + x] = sum;
      }
      for (let y = 0; y < h; y++) {
        const [first, weights] = down[y];
        for (let x = 0; x < w; x++) {
          let sum = 0;
          for (let i = 0; i < weights.length; i++) sum += weights[i] * wide[(first + i) * w + x];
          output[(c * h + y) * w + x] = Math.max(-1, Math.min(1, sum));
        }
      }
    }
    return output;
  }

  // Latent vectors: standard normal numbers by Box and Muller; the same ones for the same seed, new ones without.
  function normals(count, seed = null) {
    let state = seed === null ? 0 : Math.trunc(seed) >>> 0;
    function random() {
      if (seed === null) return Math.random();
      state = (state + 0x6d2b79f5) >>> 0; // Mulberry32
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    }
    return new Float32Array(count).map(() => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
  }

  // Between two latent vectors.
  const dot = (u, v) => u.reduce((sum, value, i) => sum + value * v[i], 0);
  const lerp = (a, b, t) => a.map((v, i) => (1 - t) * v + t * b[i]);
  function slerp(a, b, t) { // along the sphere; the length goes from one to the other as well
    const [la, lb] = [Math.sqrt(dot(a, a)), Math.sqrt(dot(b, b))];
    const angle = Math.acos(Math.max(-1, Math.min(1, dot(a, b) / (la * lb || 1))));
    if (angle < 1e-4 || Math.PI - angle < 1e-4) return lerp(a, b, t); // no circle, or too many
    const length = (1 - t) * la + t * lb;
    return a.map((v, i) => length * (Math.sin((1 - t) * angle) * v / la + Math.sin(t * angle) * b[i] / lb) / Math.sin(angle));
  }

  // What of a typed text can be drawn: the classes of its digits, the text that is left, and a sentence on the rest.
  function readDigits(text, classes, most) {
    const all = [...text.normalize("NFKC")], known = all.filter((c) => classes.includes(c)), left = all.filter((c) => !classes.includes(c) && c.trim());
    let said = "";
    if (!known.length) said = "Type a digit from " + classes[0] + " to " + classes.at(-1) + ".";
    if (left.length) said = `Only digits can be drawn; “${[...new Set(left)].join("")}” is left out. ` + said;
    if (known.length > most) said += `The first ${most} digits are drawn.`;
    const kept = known.slice(0, most);
    return { labels: kept.map((c) => classes.indexOf(c)), text: kept.join(""), said: said.trim() };
  }

  window.GanGenerator = { enlarge, lerp, makeGenerator, normals, readDigits, slerp };
})();

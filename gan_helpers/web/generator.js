// The forward pass of a generator in the browser: no kernel, no library, no request. gan_helpers/widgets.py writes the
// network that it reads. Feature maps are stored pixel by pixel, channels last, so that inner loops run over neighbours.
(function () {
  "use strict";

  function decode(packed) { // float32 or float16 in base64, as gan_helpers.widgets packs them
    if (!packed) return null;
    const bytes = Uint8Array.from(atob(packed.f32 || packed.f16), (c) => c.charCodeAt(0));
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

  // Returns { latent, classes, shape, directions, draw(z, label) -> Float32Array (C * H * W) in [-1, 1] }.
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
      if (classes.length && !(label >= 0 && label < classes.length)) throw new Error(`There is no class ${label}.`);
      let map = { data: new Float32Array(latent + classes.length), side: 0 };
      map.data.set(z);
      if (classes.length) map.data[latent + label] = 1;
      for (const layer of layers) map = RUN[layer.kind](map, layer);
      return RUN.flatten(map).data;
    }
    return { latent, classes, shape, directions, draw };
  }

  window.GanGenerator = { makeGenerator };
})();

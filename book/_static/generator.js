// The forward pass of the book's convolutional generators, in the browser: no kernel, no library, no request.
// Feature maps are stored pixel by pixel, channels last, so that the inner loops run over neighbouring numbers.
(function () {
  "use strict";

  function decode(text) {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const halves = new Uint16Array(bytes.buffer);
    return Float32Array.from(halves, (h) => {
      const sign = h & 0x8000 ? -1 : 1, exponent = (h >> 10) & 31, fraction = h & 1023;
      if (exponent === 0) return sign * fraction * 2 ** -24;
      return exponent === 31 ? NaN : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
    });
  }

  function transposedConvolution(input, side, stage) {
    const { in: nIn, out: nOut, kernel, stride, padding, weight, bias } = stage;
    const size = (side - 1) * stride - 2 * padding + kernel;
    const output = new Float32Array(size * size * nOut);
    for (let i = 0; i < output.length; i++) output[i] = bias[i % nOut];
    for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) for (let c = 0; c < nIn; c++) {
      const value = input[(y * side + x) * nIn + c];
      if (value === 0) continue; // ReLU leaves many
      for (let ky = 0; ky < kernel; ky++) {
        const row = y * stride - padding + ky;
        if (row < 0 || row >= size) continue;
        for (let kx = 0; kx < kernel; kx++) {
          const column = x * stride - padding + kx;
          if (column < 0 || column >= size) continue;
          const from = ((c * kernel + ky) * kernel + kx) * nOut, to = (row * size + column) * nOut;
          for (let o = 0; o < nOut; o++) output[to + o] += value * weight[from + o];
        }
      }
    }
    return { output, size };
  }

  // Returns { latent, classes, directions, draw(z, label) -> Float32Array of 784 values in (-1, 1) }.
  function makeGenerator(network) {
    if (!network) throw new Error("The weights of this generator are missing; reload the page or build the book again.");
    const first = decode(network.first), shift = decode(network.shift), flat = decode(network.directions);
    const stages = network.stages.map((s) => ({ ...s, weight: decode(s.weight), bias: decode(s.bias) }));
    for (const numbers of [first, shift, flat, ...stages.map((s) => s.weight), ...stages.map((s) => s.bias)]) {
      if (numbers.some(Number.isNaN)) throw new Error("The weights of this generator hold NaN; build the book again.");
    }
    const { latent, channels } = network, width = 49 * channels;
    const directions = [];
    for (let i = 0; i < flat.length; i += latent) directions.push(flat.slice(i, i + latent));

    function draw(z, label) {
      if (z.length !== latent) throw new Error(`A latent vector of ${latent} numbers is needed, but ${z.length} came.`);
      if (!(label >= 0 && label < network.classes.length)) throw new Error(`There is no class ${label}.`);
      let map = new Float32Array(width);
      for (let i = 0; i < width; i++) map[i] = shift[i % channels];
      for (let row = 0; row < latent + network.classes.length; row++) {
        const value = row < latent ? z[row] : row - latent === label ? 1 : 0;
        if (value !== 0) for (let i = 0; i < width; i++) map[i] += value * first[row * width + i];
      }
      let side = 7;
      for (const stage of stages) {
        for (let i = 0; i < map.length; i++) if (map[i] < 0) map[i] = 0;
        const next = transposedConvolution(map, side, stage);
        map = next.output;
        side = next.size;
      }
      return map.map(Math.tanh);
    }
    return { latent, classes: network.classes, directions, draw };
  }

  window.GanGenerator = { makeGenerator };
})();

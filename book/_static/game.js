// A two-dimensional GAN: networks, gradients, losses, data and scores, without a library. Points are stored row by row
// in flat arrays; weights as (out, in), like PyTorch's. The tests hold every gradient equal to PyTorch's.
(function () {
  "use strict";

  const { makeRandom, sigmoid, softplus } = window.GanNumbers;

  // ---- perceptrons: linear layers with a leaky ReLU between them (slope 0: a ReLU) ----
  function makeNetwork(sizes, slope, random) {
    const layers = [];
    for (let l = 0; l + 1 < sizes.length; l++) {
      const [nIn, nOut] = [sizes[l], sizes[l + 1]], bound = 1 / Math.sqrt(nIn); // PyTorch's own start
      const draw = (n) => Float64Array.from({ length: n }, () => bound * (2 * random.uniform() - 1));
      layers.push({ nIn, nOut, weight: draw(nIn * nOut), bias: draw(nOut) });
    }
    return { layers, slope, rooms: new Map() };
  }

  // c (m, n) += a (m, k) b (k, n), four rows of c by eight of b at a time, so that a number once loaded serves often. Where m
  // is no multiple of four, the last row is worked out again and written once more. a[r, j] is at r * down + j * across: with
  // other steps than the usual ones, a is read as if transposed.
  function addProduct(c, a, b, m, k, n, down = k, across = 1) {
    const [x2, x3, x4, x5, x6, x7, x8] = [2, 3, 4, 5, 6, 7, 8].map((i) => i * across);
    for (let row = 0; row < m; row += 4) {
      const last = m - 1, row1 = Math.min(row + 1, last), row2 = Math.min(row + 2, last), row3 = Math.min(row + 3, last);
      const toP = row * n, toQ = row1 * n, toR = row2 * n, toS = row3 * n;
      let j = 0, p = row * down, q = row1 * down, r = row2 * down, s = row3 * down;
      for (; j + 8 <= k; j += 8, p += x8, q += x8, r += x8, s += x8) {
        const p0 = a[p], p1 = a[p + across], p2 = a[p + x2], p3 = a[p + x3], p4 = a[p + x4], p5 = a[p + x5], p6 = a[p + x6], p7 = a[p + x7];
        const q0 = a[q], q1 = a[q + across], q2 = a[q + x2], q3 = a[q + x3], q4 = a[q + x4], q5 = a[q + x5], q6 = a[q + x6], q7 = a[q + x7];
        const r0 = a[r], r1 = a[r + across], r2 = a[r + x2], r3 = a[r + x3], r4 = a[r + x4], r5 = a[r + x5], r6 = a[r + x6], r7 = a[r + x7];
        const s0 = a[s], s1 = a[s + across], s2 = a[s + x2], s3 = a[s + x3], s4 = a[s + x4], s5 = a[s + x5], s6 = a[s + x6], s7 = a[s + x7];
        const at0 = j * n, at1 = at0 + n, at2 = at1 + n, at3 = at2 + n, at4 = at3 + n, at5 = at4 + n, at6 = at5 + n, at7 = at6 + n;
        for (let i = 0; i < n; i++) {
          const b0 = b[at0 + i], b1 = b[at1 + i], b2 = b[at2 + i], b3 = b[at3 + i];
          const b4 = b[at4 + i], b5 = b[at5 + i], b6 = b[at6 + i], b7 = b[at7 + i];
          const P = c[toP + i] + (p0 * b0 + p1 * b1 + p2 * b2 + p3 * b3 + (p4 * b4 + p5 * b5 + p6 * b6 + p7 * b7));
          const Q = c[toQ + i] + (q0 * b0 + q1 * b1 + q2 * b2 + q3 * b3 + (q4 * b4 + q5 * b5 + q6 * b6 + q7 * b7));
          const R = c[toR + i] + (r0 * b0 + r1 * b1 + r2 * b2 + r3 * b3 + (r4 * b4 + r5 * b5 + r6 * b6 + r7 * b7));
          const S = c[toS + i] + (s0 * b0 + s1 * b1 + s2 * b2 + s3 * b3 + (s4 * b4 + s5 * b5 + s6 * b6 + s7 * b7));
          c[toP + i] = P; c[toQ + i] = Q; c[toR + i] = R; c[toS + i] = S;
        }
      }
      for (; j < k; j++, p += across, q += across, r += across, s += across) for (let i = 0; i < n; i++) {
        const value = b[j * n + i];
        const P = c[toP + i] + a[p] * value, Q = c[toQ + i] + a[q] * value, R = c[toR + i] + a[r] * value, S = c[toS + i] + a[s] * value;
        c[toP + i] = P; c[toQ + i] = Q; c[toR + i] = R; c[toS + i] = S;
      }
    }
    return c;
  }

  // Multiply y by 1 where x is above the kink and by `slope` elsewhere: from a table, since half the time a branch goes wrong.
  function bend(y, x, slope) {
    const factor = Float64Array.of(slope, 1);
    for (let i = 0; i < y.length; i++) y[i] *= factor[+(x[i] > 0)];
  }

  function transpose(a, rows, columns) {
    const t = new Float64Array(a.length);
    for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) t[c * rows + r] = a[r * columns + c];
    return t;
  }

  function linear(x, n, { nIn, nOut, weight, bias }, y = new Float64Array(n * nOut)) {
    for (let i = 0, o = 0; i < y.length; i++) { y[i] = bias ? bias[o] : 0; if (++o === nOut) o = 0; }
    return addProduct(y, x, transpose(weight, nOut, nIn), n, nIn, nOut);
  }

  // Arrays for n points at the hidden layers, made once: to make them anew costs as much time as to fill them.
  function room(network, n) {
    if (!network.rooms.has(n)) {
      const hidden = () => network.layers.slice(0, -1).map(({ nOut }) => new Float64Array(n * nOut));
      network.rooms.set(n, { seen: hidden(), deltas: hidden() });
    }
    return network.rooms.get(n);
  }

  // Returns what each layer saw, `inputs[l]` (n, nIn), until the next call with n points; and the output (n, nOut), for good.
  function forward(network, x, n) {
    const inputs = [x], last = network.layers.length - 1;
    network.layers.forEach((layer, l) => {
      const y = linear(inputs[l], n, layer, room(network, n).seen[l]);
      if (l < last) bend(y, y, network.slope);
      inputs.push(y);
    });
    return { inputs, output: inputs[last + 1] };
  }

  const zeros = (network) => network.layers.map(({ weight, bias }) => ({
    weight: new Float64Array(weight.length), bias: new Float64Array(bias.length) }));

  // Backpropagation. Given d loss / d output (n, nOut), adds to `gradients` (or skips the weights, if null) and returns
  // d loss / d x (n, nIn) with, for each layer, d loss / d of what it put out.
  function backward(network, inputs, outputGradient, n, gradients) {
    const deltas = [];
    let delta = outputGradient;
    for (let l = network.layers.length - 1; l >= 0; l--) {
      const { nIn, nOut, weight } = network.layers[l], x = inputs[l];
      deltas[l] = delta;
      if (gradients) addOuter(gradients[l], delta, x, n, nIn, nOut, true);
      const below = addProduct(l > 0 ? room(network, n).deltas[l - 1].fill(0) : new Float64Array(n * nIn), delta, weight, n, nOut, nIn);
      // x is what came out of the kink below; its sign is that of what went in (a ReLU passes exactly 0 for both).
      if (l > 0) bend(below, x, network.slope);
      delta = below;
    }
    return { input: delta, deltas };
  }

  function addOuter(gradient, delta, x, n, nIn, nOut, withBias) {
    const { weight, bias } = gradient;
    addProduct(weight, delta, x, nOut, n, nIn, 1, nOut);
    if (withBias) for (let k = 0; k < n; k++) for (let o = 0; o < nOut; o++) bias[o] += delta[k * nOut + o];
  }

  // Adds the gradient of  factor * mean((|grad f(x)| - target)^2)  and returns the value. Target 1 is the gradient penalty
  // of WGAN-GP, target 0 with factor gamma / 2 is R1. With kinks for activations, u . grad f(x) is linear in each layer's
  // weights: its gradient is (what flows back from the output) times (the direction u pushed forward, without biases).
  function gradientPenalty(network, x, n, target, factor, gradients) {
    const { inputs } = forward(network, x, n), dim = network.layers[0].nIn;
    const { input: slope, deltas } = backward(network, inputs, new Float64Array(n).fill(1), n, null);
    let push = new Float64Array(n * dim), value = 0;
    for (let k = 0; k < n; k++) {
      let square = 0;
      for (let i = 0; i < dim; i++) square += slope[k * dim + i] ** 2;
      const norm = Math.sqrt(square);
      value += factor * (norm - target) ** 2 / n;
      const scale = target === 0 ? 2 * factor / n : norm > 0 ? 2 * factor * (norm - target) / (norm * n) : 0;
      for (let i = 0; i < dim; i++) push[k * dim + i] = scale * slope[k * dim + i];
    }
    network.layers.forEach(({ nIn, nOut, weight }, l) => {
      addOuter(gradients[l], deltas[l], push, n, nIn, nOut, false);
      if (l === network.layers.length - 1) return;
      push = linear(push, n, { nIn, nOut, weight });
      bend(push, inputs[l + 1], network.slope);
    });
    return value;
  }

  function makeAdam(network, beta2 = 0.999, epsilon = 1e-8) {
    const [mean, square] = [zeros(network), zeros(network)];
    let t = 0;
    function step(gradients, rate, beta1) {
      t += 1;
      const [c1, c2] = [1 - beta1 ** t, 1 - beta2 ** t];
      network.layers.forEach((layer, l) => {
        for (const kind of ["weight", "bias"]) {
          const [w, g, m, v] = [layer[kind], gradients[l][kind], mean[l][kind], square[l][kind]];
          for (let i = 0; i < w.length; i++) {
            m[i] += (1 - beta1) * (g[i] - m[i]);
            v[i] += (1 - beta2) * (g[i] * g[i] - v[i]);
            w[i] -= rate * (m[i] / c1) / (Math.sqrt(v[i] / c2) + epsilon);
          }
        }
      });
    }
    step.save = () => ({ t, mean: copyOf(mean), square: copyOf(square) });
    step.load = (saved) => { t = saved.t; fill(mean, saved.mean); fill(square, saved.square); };
    return step;
  }

  // Layers as numbers alone, and back: to copy a network or what an optimiser remembers.
  const copyOf = (layers) => layers.map(({ weight, bias }) => ({ weight: weight.slice(), bias: bias.slice() }));
  const fill = (layers, saved) => layers.forEach((layer, l) => { layer.weight.set(saved[l].weight); layer.bias.set(saved[l].bias); });

  function descend(network, gradients, rate) { // plain gradient descent
    network.layers.forEach((layer, l) => {
      for (const kind of ["weight", "bias"]) layer[kind].forEach((_, i, w) => { w[i] -= rate * gradients[l][kind][i]; });
    });
  }

  // ---- losses on logits; each returns its value and its derivative at every logit ----
  function mean(logits, value, slope) {
    const n = logits.length, gradient = new Float64Array(n);
    let sum = 0;
    for (let i = 0; i < n; i++) { sum += value(logits[i]); gradient[i] = slope(logits[i]) / n; }
    return { value: sum / n, gradient };
  }
  const logistic = { real: (t) => mean(t, (l) => softplus(-l), (l) => sigmoid(l) - 1), fake: (t) => mean(t, softplus, sigmoid) };
  const wasserstein = {
    real: (t) => mean(t, (l) => -l, () => -1), fake: (t) => mean(t, (l) => l, () => 1), g: (t) => mean(t, (l) => -l, () => -1) };
  const LOSSES = {
    saturating: { ...logistic, g: (t) => mean(t, (l) => -softplus(l), (l) => -sigmoid(l)) },
    "non-saturating": { ...logistic, g: logistic.real },
    "least-squares": {
      real: (t) => mean(t, (l) => (l - 1) ** 2 / 2, (l) => l - 1), fake: (t) => mean(t, (l) => l * l / 2, (l) => l),
      g: (t) => mean(t, (l) => (l - 1) ** 2 / 2, (l) => l - 1) },
    "wasserstein-clip": { ...wasserstein, clip: 0.1 },
    "wasserstein-gp": { ...wasserstein, penalty: 1 },
  };

  // ---- data: points in about [-2.5, 2.5]^2 ----
  const STD = { ring: 0.1, grid: 0.08, blob: 0.3 };
  const CENTRES = {
    ring: Array.from({ length: 8 }, (_, k) => [2 * Math.cos(k * Math.PI / 4), 2 * Math.sin(k * Math.PI / 4)]),
    grid: Array.from({ length: 25 }, (_, k) => [(k % 5) - 2, Math.floor(k / 5) - 2]),
    blob: [[1, 1]],
  };
  const DATA = ["ring", "grid", "moons", "roll", "own", "blob"];

  function samplePoints(kind, n, random, own = []) {
    const points = new Float64Array(2 * n);
    for (let k = 0; k < n; k++) {
      let x, y, std = 0.08;
      if (CENTRES[kind]) {
        [x, y] = CENTRES[kind][Math.floor(random.uniform() * CENTRES[kind].length)];
        std = STD[kind];
      } else if (kind === "moons") {
        const angle = Math.PI * random.uniform(), upper = random.uniform() < 0.5;
        x = 1.5 * (upper ? Math.cos(angle) : 1 - Math.cos(angle)) - 0.75;
        y = 1.5 * (upper ? Math.sin(angle) : 0.5 - Math.sin(angle)) - 0.375;
      } else if (kind === "roll") {
        const angle = 1.5 * Math.PI * (1 + 2 * random.uniform());
        x = angle * Math.cos(angle) / 6.5;
        y = angle * Math.sin(angle) / 6.5;
      } else if (kind === "own" && own.length) {
        [x, y] = own[Math.floor(random.uniform() * own.length)];
      } else if (kind === "own") {
        [x, y] = [0, 0];
      } else throw new Error(`There is no data set "${kind}"; choose one of ${DATA.join(", ")}.`);
      points[2 * k] = x + std * random.normal();
      points[2 * k + 1] = y + std * random.normal();
    }
    return points;
  }

  // ---- scores ----
  // A mode is covered when it holds a tenth of its fair share of the points within three standard deviations.
  function modeCoverage(points, kind) {
    const centres = CENTRES[kind], n = points.length / 2;
    if (!centres) return null;
    const counts = new Array(centres.length).fill(0);
    for (let k = 0; k < n; k++) {
      let nearest = 0, least = Infinity;
      centres.forEach(([x, y], c) => {
        const d = Math.hypot(points[2 * k] - x, points[2 * k + 1] - y);
        if (d < least) { least = d; nearest = c; }
      });
      if (least <= 3 * STD[kind]) counts[nearest] += 1;
    }
    const enough = Math.max(1, 0.1 * n / centres.length);
    return { covered: counts.filter((c) => c >= enough).length, modes: centres.length,
             good: counts.reduce((a, b) => a + b, 0) / n };
  }

  // The exact Wasserstein-1 distance of two samples of the same size: the cheapest matching (the Hungarian method, by
  // shortest augmenting paths).
  function wassersteinDistance(a, b) {
    const n = a.length / 2;
    if (b.length !== a.length) throw new Error(`Two samples of the same size are needed, but ${n} and ${b.length / 2} came.`);
    const cost = new Float64Array(n * n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) {
      cost[i * n + j] = Math.sqrt((a[2 * i] - b[2 * j]) ** 2 + (a[2 * i + 1] - b[2 * j + 1]) ** 2);
    }
    const u = new Float64Array(n + 1), v = new Float64Array(n + 1), match = new Int32Array(n + 1), way = new Int32Array(n + 1);
    for (let i = 1; i <= n; i++) {
      const least = new Float64Array(n + 1).fill(Infinity), used = new Uint8Array(n + 1);
      let column = 0;
      match[0] = i;
      do {
        used[column] = 1;
        const row = match[column];
        let step = Infinity, next = 0;
        for (let j = 1; j <= n; j++) {
          if (used[j]) continue;
          const reduced = cost[(row - 1) * n + j - 1] - u[row] - v[j];
          if (reduced < least[j]) { least[j] = reduced; way[j] = column; }
          if (least[j] < step) { step = least[j]; next = j; }
        }
        for (let j = 0; j <= n; j++) {
          if (used[j]) { u[match[j]] += step; v[j] -= step; } else least[j] -= step;
        }
        column = next;
      } while (match[column] !== 0);
      while (column) { match[column] = match[way[column]]; column = way[column]; }
    }
    let total = 0;
    for (let j = 1; j <= n; j++) total += cost[(match[j] - 1) * n + j - 1];
    return total / n;
  }

  // ---- the game ----
  const DEFAULTS = Object.freeze({
    data: "ring", loss: "non-saturating", rateD: 0.002, rateG: 0.001, stepsD: 1, seed: 1, own: [],
    beta1: 0.5, latent: 4,
    r1: 0, pool: 0, offset: 0, warmup: 0, plain: false, // for the gallery of failures
  });
  const HIDDEN = 48, BATCH = 96;

  function join(...parts) {
    const whole = new Float64Array(parts.reduce((n, p) => n + p.length, 0));
    let at = 0;
    for (const part of parts) { whole.set(part, at); at += part.length; }
    return whole;
  }

  // d loss / d weights of the discriminator, for real and fake points (n, 2); `mixed` (n, 2) is where the penalty looks.
  function discriminatorGradients(discriminator, settings, real, fake, mixed) {
    const loss = LOSSES[settings.loss], n = real.length / 2, gradients = zeros(discriminator);
    const { inputs, output } = forward(discriminator, join(real, fake), 2 * n);
    const [onReal, onFake] = [loss.real(output.subarray(0, n)), loss.fake(output.subarray(n))];
    backward(discriminator, inputs, join(onReal.gradient, onFake.gradient), 2 * n, gradients);
    const plain = onReal.value + onFake.value; // what is reported; the penalties are for training alone
    let value = plain;
    if (loss.penalty) value += gradientPenalty(discriminator, mixed, n, 1, loss.penalty, gradients);
    if (settings.r1) value += gradientPenalty(discriminator, real, n, 0, settings.r1 / 2, gradients);
    return { value, loss: plain, gradients };
  }

  // d loss / d weights of the generator, and d loss / d fake (n, 2), whose negative the arrows show.
  function generatorGradients(generator, discriminator, settings, z) {
    const n = z.length / generator.layers[0].nIn, gradients = zeros(generator);
    const made = forward(generator, z, n), seen = forward(discriminator, made.output, n);
    const { value, gradient } = LOSSES[settings.loss].g(seen.output);
    const { input } = backward(discriminator, seen.inputs, gradient, n, null);
    backward(generator, made.inputs, input, n, gradients);
    return { value, gradients, fake: made.output, pull: input };
  }

  // A square grid of side x side cells over the first two latent numbers, from -reach to reach, the others at 0, and where the
  // generator lays it: corners row by row, and for each cell its signed area there (negative where it lies upside down) and
  // the density with which latent points of this plane fall on it.
  function fabricOf(generator, side, reach) {
    const { nIn } = generator.layers[0], n = (side + 1) ** 2, z = new Float64Array(n * nIn), cell = 2 * reach / side;
    for (let k = 0; k < n; k++) {
      z[k * nIn] = -reach + cell * (k % (side + 1));
      z[k * nIn + 1] = -reach + cell * Math.floor(k / (side + 1));
    }
    const corners = forward(generator, z, n).output, area = new Float64Array(side * side), density = new Float64Array(side * side);
    for (let r = 0; r < side; r++) for (let c = 0; c < side; c++) {
      const at = [0, 1, side + 2, side + 1].map((d) => 2 * (r * (side + 1) + c + d)), k = r * side + c;
      for (let i = 0; i < 4; i++) {
        const [a, b] = [at[i], at[(i + 1) % 4]];
        area[k] += (corners[a] * corners[b + 1] - corners[b] * corners[a + 1]) / 2;
      }
      const square = (-reach + cell * (c + 0.5)) ** 2 + (-reach + cell * (r + 0.5)) ** 2;
      density[k] = Math.exp(-square / 2) / (2 * Math.PI) * cell * cell / Math.max(1e-12, Math.abs(area[k]));
    }
    return { corners, area, density };
  }

  function makeGame(wanted) {
    const settings = { ...DEFAULTS, ...wanted };
    if (!LOSSES[settings.loss]) throw new Error(`There is no loss "${settings.loss}"; choose one of ${Object.keys(LOSSES).join(", ")}.`);
    if (!DATA.includes(settings.data)) throw new Error(`There is no data set "${settings.data}"; choose one of ${DATA.join(", ")}.`);
    const random = makeRandom(settings.seed);
    const generator = makeNetwork([settings.latent, HIDDEN, HIDDEN, 2], 0, random);
    const discriminator = makeNetwork([2, HIDDEN, HIDDEN, 1], 0.2, random);
    generator.layers[2].bias.forEach((_, i, bias) => { bias[i] += settings.offset; });
    const stepD = makeAdam(discriminator), stepG = makeAdam(generator);
    const pool = settings.pool ? samplePoints(settings.data, settings.pool, random, settings.own) : null;
    const view = makeRandom(settings.seed + 77777); // what is shown and scored must not change what is trained
    const game = { settings, generator, discriminator, pool, steps: 0, lossD: NaN, lossG: NaN,
                   step, part, nextPart, warmUp, copy, sample, surface, fabric, arrows, scores };

    function realPoints() {
      if (!pool || !settings.pool) return samplePoints(settings.data, BATCH, random, settings.own);
      const points = new Float64Array(2 * BATCH);
      for (let k = 0; k < BATCH; k++) {
        const j = Math.floor(random.uniform() * settings.pool);
        points.set(pool.subarray(2 * j, 2 * j + 2), 2 * k);
      }
      return points;
    }
    // ---- one step in its parts: draw, judge, gradientD, moveD for each step of D; then gradientG, moveG ----
    let now = null; // the step under way: its next part, and what it has drawn and worked out so far
    const begin = () => { now = now || { next: "draw", round: 0 }; };
    function nextPart() { return now ? now.next : "draw"; }
    const PARTS = {
      draw() {
        const real = realPoints(), fake = sample(BATCH, random), mixed = real.slice();
        for (let k = 0; k < BATCH; k++) {
          const t = random.uniform();
          for (const i of [2 * k, 2 * k + 1]) mixed[i] = t * real[i] + (1 - t) * fake[i];
        }
        now = { ...now, real, fake, mixed, next: "judge" };
      },
      judge() { now.next = "gradientD"; }, // for the eye alone
      gradientD() {
        const { loss, gradients } = discriminatorGradients(discriminator, settings, now.real, now.fake, now.mixed);
        now = { ...now, loss, gradients, next: "moveD" };
      },
      moveD() {
        stepD(now.gradients, settings.rateD, settings.beta1);
        const { clip } = LOSSES[settings.loss];
        if (clip) for (const { weight, bias } of discriminator.layers) for (const w of [weight, bias]) {
          for (let i = 0; i < w.length; i++) w[i] = Math.max(-clip, Math.min(clip, w[i]));
        }
        game.lossD = now.loss;
        now.round += 1;
        now.next = now.round < settings.stepsD ? "draw" : "gradientG";
      },
      gradientG() {
        const z = random.normals(BATCH * settings.latent);
        const { value, gradients, fake, pull } = generatorGradients(generator, discriminator, settings, z);
        now = { ...now, z, loss: value, gradients, fake, pull: pull.map((g) => -g * BATCH), next: "moveG" };
      },
      moveG() {
        if (settings.plain) descend(generator, now.gradients, settings.rateG);
        else stepG(now.gradients, settings.rateG, settings.beta1);
        game.lossG = now.loss;
        game.steps += 1;
        now.next = null;
      },
    };
    function check() {
      if (!Number.isFinite(game.lossD + game.lossG)) throw new Error("A loss is no longer a number: lower the learning rates.");
    }
    // One generator step after `stepsD` steps of the discriminator, or what is left of it. `settings` may change between steps.
    function step() {
      begin();
      while (now.next) PARTS[now.next]();
      now = null;
      check();
    }
    // The next part alone. Returns its name and round, the points concerned, and by name: `logits` of real and fake points
    // (judge; moveD, with those `before`), `wish` = -d loss / d logit of each, as if it were alone (gradientD), `pull` on
    // each fake point (gradientG), where the points are `after` (moveG); `loss`, and the `size` of a gradient.
    function part() {
      begin();
      const { next: name, round } = now, opinions = () => judge(join(now.real, now.fake));
      const before = name === "moveD" ? opinions() : null;
      PARTS[name]();
      const { real, fake, loss, pull } = now, shown = { name, round, steps: settings.stepsD, real, fake };
      if (name === "judge") shown.logits = opinions();
      if (name === "gradientD") shown.wish = wishes(opinions());
      if (name === "moveD") Object.assign(shown, { before, logits: opinions() });
      if (name.endsWith("G")) shown.pull = pull;
      if (name === "moveG") shown.after = forward(generator, now.z, BATCH).output;
      if (name.startsWith("gradient")) shown.size = Math.sqrt(now.gradients.flatMap(({ weight, bias }) => [weight, bias])
        .reduce((sum, values) => sum + values.reduce((s, g) => s + g * g, 0), 0));
      if (name !== "draw" && name !== "judge") shown.loss = loss;
      if (!now.next) { now = null; check(); }
      return shown;
    }
    const judge = (points) => forward(discriminator, points, points.length / 2).output;
    function wishes(logits) {
      const { real, fake } = LOSSES[settings.loss], n = logits.length / 2;
      return join(real(logits.subarray(0, n)).gradient, fake(logits.subarray(n)).gradient).map((g) => -g * n);
    }
    function warmUp(n) { // steps of D alone
      for (let k = 0; k < n; k++) for (const name of ["draw", "gradientD", "moveD"]) { begin(); PARTS[name](); if (name === "moveD") now = null; }
    }
    // The same game once more, between two steps: both go on alike, until the settings of one change.
    function copy() {
      if (now) throw new Error("A game can be copied between two steps only.");
      const twin = makeGame({ ...settings, pool: pool ? pool.length / 2 : 0, warmup: 0 });
      Object.assign(twin.settings, settings);
      twin.load({ generator: copyOf(generator.layers), discriminator: copyOf(discriminator.layers), pool, steps: game.steps,
                  lossD: game.lossD, lossG: game.lossG, stepD: stepD.save(), stepG: stepG.save(), random: random.save(), view: view.save() });
      return twin;
    }
    game.load = (saved) => { // what copy() took from another game of the same kind
      fill(generator.layers, saved.generator);
      fill(discriminator.layers, saved.discriminator);
      if (pool) pool.set(saved.pool);
      stepD.load(saved.stepD);
      stepG.load(saved.stepG);
      random.load(saved.random);
      view.load(saved.view);
      Object.assign(game, { steps: saved.steps, lossD: saved.lossD, lossG: saved.lossG });
    };
    function sample(n, noise = view) { return forward(generator, noise.normals(n * settings.latent), n).output; }
    function fabric(side, reach) { return fabricOf(generator, side, reach); }
    function surface(side, limit) { // D's logits on a square grid, row by row from the top
      const points = new Float64Array(2 * side * side);
      for (let r = 0; r < side; r++) for (let c = 0; c < side; c++) {
        points[2 * (r * side + c)] = limit * ((2 * c + 1) / side - 1);
        points[2 * (r * side + c) + 1] = limit * (1 - (2 * r + 1) / side);
      }
      return forward(discriminator, points, side * side).output;
    }
    function arrows(z) { // where the generator's loss would move each of these points
      const { fake, pull } = generatorGradients(generator, discriminator, settings, z);
      const n = fake.length / 2;
      return { fake, pull: pull.map((g) => -g * n) }; // per point, not per batch
    }
    function scores(n = 200) {
      const fake = sample(Math.max(n, 500)), real = samplePoints(settings.data, n, view, settings.own);
      const held = forward(discriminator, real, n).output;
      const result = { coverage: modeCoverage(fake, settings.data), w1: wassersteinDistance(real, fake.subarray(0, 2 * n)),
                       centre: [0, 1].map((i) => fake.reduce((s, v, k) => k % 2 === i ? s + v : s, 0) / (fake.length / 2)) };
      if (pool) {
        const known = forward(discriminator, pool, pool.length / 2).output;
        let higher = 0; // in how many pairs a training point is called more real than a new one; ties count half
        for (const l of known) for (const h of held) higher += l > h ? 1 : l === h ? 0.5 : 0;
        result.remembers = higher / (known.length * held.length);
      }
      return result;
    }
    warmUp(settings.warmup);
    return game;
  }

  window.GanGame = {
    CENTRES, DATA, DEFAULTS, LOSSES, discriminatorGradients, fabricOf, forward, generatorGradients, makeAdam, makeGame,
    makeNetwork, makeRandom, modeCoverage, samplePoints, wassersteinDistance,
  };
})();

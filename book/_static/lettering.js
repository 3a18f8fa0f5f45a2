// Words in a font that a generator draws: which letters, where they stand, how they are inked; and a font's code.
// The letters page and the home page write with it; gan_helpers/fonts.py makes a font file by the same numbers.
(function () {
  "use strict";
  const { enlarge, normals, slerp } = window.GanGenerator;
  const MOST = 60; // characters of a word
  const BEARING = 1.5, SPACE = 9, LINE = 28; // pixels of the network: beside a letter, of a space, from line to line
  const FAINT = -0.5, EDGE = 5; // a row of pixels that is no darker holds no ink; how fast paper becomes ink
  const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const NOISE = 0.25; // standard deviation of what a child has from neither parent

  // What of a typed text can be written, and a sentence on the rest. Small letters are taken as capitals, accents go.
  function readWord(text, most = MOST) {
    const all = [...text.slice(0, 20000).normalize("NFKD").replace(/\p{M}/gu, "").toUpperCase().replace(/\s+/g, " ").trim()];
    const known = all.filter((c) => c === " " || ALPHABET.includes(c)), word = known.join("").replace(/ +/g, " ").trim();
    const left = [...new Set(all.filter((c) => c !== " " && !ALPHABET.includes(c)))], said = [];
    if (left.length) said.push(`Only the letters A to Z can be written; “${left.slice(0, 12).join("")}${left.length > 12 ? "…" : ""}” ${left.length > 1 ? "are" : "is"} left out.`);
    if (word.length > most) said.push(`The first ${most} characters are written.`);
    if (!word) said.push("Here stands the alphabet until you type a letter.");
    return { word: word.slice(0, most).trim() || ALPHABET, typed: word.slice(0, most).trim(), said: said.join(" ") };
  }

  // A latent vector as text, and back: an f, then float16, little-endian, in base64 with - and _. null if it is no code.
  function toHalf(value) {
    const size = Math.min(Math.abs(value), 65504), sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
    if (size < 2 ** -14) return sign | even(size * 2 ** 24);
    const power = Math.min(15, Math.floor(Math.log2(size))), bits = even((size / 2 ** power - 1) * 1024);
    return sign | (((power + 15) << 10) + bits); // a fraction that is rounded up to 1 carries into the exponent
  }
  function even(value) { // to the nearest whole number, halves to the even one
    const down = Math.floor(value), rest = value - down;
    return rest > 0.5 || (rest === 0.5 && down % 2) ? down + 1 : down;
  }
  function fromHalf(h) {
    const sign = h & 0x8000 ? -1 : 1, exponent = (h >> 10) & 31, fraction = h & 1023;
    return exponent === 31 ? NaN : sign * (exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24);
  }
  function encode(z) {
    const bytes = String.fromCharCode(...Array.from(z, toHalf).flatMap((h) => [h & 255, h >> 8]));
    return "f" + btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  }
  function decode(code, latent) {
    if (!/^f[\w-]+$/.test(code)) return null;
    try {
      const bytes = atob(code.slice(1).replaceAll("-", "+").replaceAll("_", "/"));
      if (bytes.length !== 2 * latent) return null;
      const z = new Float32Array(latent).map((_, i) => fromHalf(bytes.charCodeAt(2 * i) | (bytes.charCodeAt(2 * i + 1) << 8)));
      return z.every(Number.isFinite) ? z : null;
    } catch { return null; }
  }
  const rounded = (z) => Float32Array.from(z, (v) => fromHalf(toHalf(v))); // so that a code brings back the very font

  // Twelve fonts by chance, and twelve after two of them had children: the parents first, then five mixtures and five that
  // have each number from one parent or the other, all with a little of their own. The same seed gives the same children.
  const SHOWN = 12;
  const strangers = (latent, seed) => Array.from({ length: SHOWN }, (_, i) => rounded(normals(latent, seed * SHOWN + i)));
  function breed(mother, father, seed) {
    const kin = Array.from({ length: SHOWN - 2 }, (_, i) => {
      const by = normals(2 * mother.length, seed * SHOWN + i), half = (SHOWN - 2) / 2;
      const child = i < half ? slerp(mother, father, (i + 1) / (half + 1)) : mother.map((v, j) => by[j] > 0 ? v : father[j]);
      return rounded(child.map((v, j) => Math.sqrt(1 - NOISE ** 2) * v + NOISE * by[mother.length + j]));
    });
    return [mother, father, ...kin];
  }

  // The level half-way between paper, -1, and a letter's black: the median of the darkest values of its rows. Hairlines,
  // thinner than a pixel, never get darker than grey.
  function half(fine, n) {
    const rows = [];
    for (let i = 0; i < n; i++) {
      let darkest = -1;
      for (let j = i * n; j < (i + 1) * n; j++) if (fine[j] > darkest) darkest = fine[j];
      if (darkest > FAINT) rows.push(darkest);
    }
    rows.sort((a, b) => a - b);
    return rows.length ? ((rows[(rows.length - 1) >> 1] + rows[rows.length >> 1]) / 2 - 1) / 2 : 0;
  }

  // The inked letters of one font, each drawn once: `letter(c)` is a canvas of 28 k by 28 k, and where its ink begins and ends.
  function makeFont(generator, z, k = 8) {
    const drawn = {}, side = generator.shape[1], n = side * k;
    function letter(c) {
      if (drawn[c]) return drawn[c];
      const values = generator.draw(z, generator.classes.indexOf(c)), fine = enlarge(values, generator.shape, k);
      const canvas = Object.assign(document.createElement("canvas"), { width: n, height: n });
      const context = canvas.getContext("2d"), image = context.createImageData(n, n);
      const level = half(fine, n);
      let first = n, last = -1, light = 0;
      for (let i = 0; i < n * n; i++) {
        image.data[4 * i + 3] = Math.round(255 * Math.min(1, Math.max(0, 0.5 + EDGE * (fine[i] - level))));
        if (fine[i] > level) { first = Math.min(first, i % n); last = Math.max(last, i % n); light++; }
      }
      context.putImageData(image, 0, 0);
      if (last < 0) [first, last] = [n / 4, 3 * n / 4]; // nothing is black: its place stays
      return drawn[c] = { canvas, values, left: first / k, right: (last + 1) / k, ink: light / n / n };
    }
    const advance = (c) => c === " " ? SPACE : letter(c).right - letter(c).left + 2 * BEARING;
    return { letter, advance, side, ink: () => { const all = Object.values(drawn); return all.reduce((s, l) => s + l.ink, 0) / (all.length || 1); } };
  }

  // Lines of a word that are at most `width` pixels of the network wide: broken at spaces, within what is longer than a line.
  function breakLines(word, advance, width) {
    const lines = [];
    let line = "", wide = 0;
    for (const part of word.split(" ")) {
      const size = [...part].reduce((sum, c) => sum + advance(c), 0);
      if (line && wide + advance(" ") + size <= width) { line += ` ${part}`; wide += advance(" ") + size; continue; }
      if (line) lines.push(line);
      [line, wide] = ["", 0];
      for (const c of part) {
        if (line && wide + advance(c) > width) { lines.push(line); [line, wide] = ["", 0]; }
        line += c;
        wide += advance(c);
      }
    }
    return line ? [...lines, line] : lines;
  }

  // Writes a word as large as it fits in a box of `wide` by `high` (pixels of the page); at `smallest` it may grow downward.
  function write(canvas, font, word, { wide, high, largest = 6, smallest = 1.3, density = window.devicePixelRatio || 1 }) {
    const measure = (line) => [...line].reduce((sum, c) => sum + font.advance(c), 0);
    function fit(whole) { // the largest scale at which all fits; with whole words, if there is one
      for (let scale = largest; ; scale = Math.max(smallest, scale * 0.96)) {
        const lines = breakLines(word, font.advance, wide / scale), unbroken = lines.join(" ") === word;
        if (lines.length * LINE * scale <= high && Math.max(...lines.map(measure)) * scale <= wide && (unbroken || !whole)) return { scale, lines };
        if (scale <= smallest) return whole && !unbroken ? null : { scale, lines };
      }
    }
    const broken = fit(false), whole = fit(true), { scale, lines } = whole && whole.scale > broken.scale / 2 ? whole : broken;
    const dot = Math.min(3, density) * scale;
    Object.assign(canvas, { width: Math.ceil(wide * Math.min(3, density)), height: Math.ceil(lines.length * LINE * dot) });
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    lines.forEach((line, row) => {
      let x = (canvas.width / dot - measure(line)) / 2; // in the middle
      for (const c of line) {
        if (c !== " ") {
          const { canvas: inked, left } = font.letter(c);
          context.drawImage(inked, (x + BEARING - left) * dot, row * LINE * dot, font.side * dot, font.side * dot);
        }
        x += font.advance(c);
      }
    });
    return { lines, scale };
  }

  window.GanLettering = { ALPHABET, MOST, SHOWN, breed, breakLines, decode, encode, makeFont, readWord, rounded, strangers, write };
})();

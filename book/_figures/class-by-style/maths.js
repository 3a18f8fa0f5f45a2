// One latent vector under ten labels: the shipped generator of digits, with labels that may be mixed.
(function () {
  "use strict";
  const { makeRandom, mean } = window.GanNumbers;
  const HANDS = 4;
  let generator = null, kept = {}; // pictures under pure labels, to compare with

  function correlation(a, b) {
    const [ma, mb] = [mean(a), mean(b)], sum = (f) => a.reduce((s, v, i) => s + f(v - ma, b[i] - mb), 0);
    return sum((x, y) => x * y) / Math.sqrt(sum((x) => x * x) * sum((x, y) => y * y));
  }

  function numbers({ seed, other, mix }) {
    generator ||= window.GanGenerator.makeGenerator(window.GAN_GENERATORS.mnist);
    const { latent, classes } = generator, random = makeRandom(seed), labels = classes.map((_, i) => i), aim = Number(other);
    const hands = Array.from({ length: HANDS }, () => Float32Array.from({ length: latent }, random.normal));
    const weights = (label) => labels.map((i) => (1 - mix) * (i === label) + mix * (i === aim));
    const grid = (label) => hands.map((z) => labels.map((y) => generator.draw(z, label(y))));
    if (kept.seed !== seed) kept = { seed, pure: grid((y) => y) };
    const rows = mix === 0 ? kept.pure : grid(weights), ink = rows.map((row) => row.map((picture) => (mean(picture) + 1) / 2));
    const columns = labels.map((y) => ink.map((row) => row[y])), alike = [];
    for (const a of labels) for (const b of labels) if (a < b) alike.push(correlation(columns[a], columns[b]));
    const hand = ink.map(mean), change = mean(rows.flatMap((row, r) => row.map((picture, y) => mean(picture.map((v, i) => Math.abs(v - kept.pure[r][y][i]) / 2)))));
    return { rows: rows.map((row) => row.map((picture) => Array.from(picture))), ink, hand, boldest: Math.max(...hand), finest: Math.min(...hand), alike: mean(alike), change };
  }

  window.GanMaths["class-by-style"] = { numbers };
})();

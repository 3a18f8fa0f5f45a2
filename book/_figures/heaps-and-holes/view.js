(function () {
  "use strict";
  const { define, slider } = window.GanFigure;
  const NAMES = ["first", "second", "third"], ends = [-0.5, 12.5], MOST = 5; // of earth in one heap; what counts is its share
  const controls = [slider("shift", "Move all holes", 0, 4, 0.5)];
  for (const [i, name] of NAMES.entries()) controls.push(slider(`x${i + 1}`, `Place of the ${name} heap`, 0, 12, 0.5, { fold: true }),
    slider(`p${i + 1}`, `Earth in the ${name} heap`, i ? 0 : 0.1, MOST, 0.02, { fold: true }));
  for (const [i, name] of NAMES.entries()) controls.push(slider(`y${i + 1}`, `Place of the ${name} hole`, 0, 8, 0.5, { fold: true }),
    slider(`q${i + 1}`, `Room in the ${name} hole`, i ? 0 : 0.1, MOST, 0.02, { fold: true }));
  const share = (s, letter, i) => s[letter + i] / (s[letter + 1] + s[letter + 2] + s[letter + 3]);
  // The amount that makes one of three a given share of all, as far as its slider goes. The others stay, so that the way back leads back.
  const amount = (s, letter, i, wanted) => {
    const others = s[letter + 1] + s[letter + 2] + s[letter + 3] - s[letter + i], y = Math.max(0, Math.min(0.95, wanted));
    return others > 0.01 ? { [letter + i]: y * others / (1 - y) } : {}; // alone it is everything
  };
  const GROUND = -0.75; // the holes' edge; the way is drawn between it and 0

  define("heaps-and-holes", {
    side: true,
    charts: { earth: "Heaps above, holes below, and arrows for the earth that is carried", critic: "The landscape of slope at most 1" },
    controls,
    outputs: [["w1", "Cost of the plan, W₁", 3], ["gap", "Gap of the mean heights", 3], ["jsd", "Jensen-Shannon divergence", 3]],
    draw({ earth, critic }, s, { p, q, plan, f, mean_real, mean_fake }, set) {
      earth.begin({ x: ends, y: [-1.75, 1], xTicks: null, yTicks: [], height: 280 });
      for (const [x, mass] of p) earth.rect([x - 0.3, 0], [x + 0.3, mass], "real", { opacity: 0.75 });
      for (const [x, mass] of q) earth.rect([x - 0.3, GROUND], [x + 0.3, GROUND - mass], "fake", { outline: true });
      for (const [x, y, mass] of plan) earth.arrow([x, -0.03], [y, GROUND + 0.03], "other", { width: 1 + 9 * mass });
      const { left, right, top: above, bottom } = earth.box, across = (right - left) / 13 / 28, up = (bottom - above) / 2.75 / 12; // of a word
      const words = [], room = ([a, b]) => Math.min(1, ...words.map(([c, d]) => Math.max(Math.abs(a - c) * across, Math.abs(b - d) * up)));
      for (const [x, y, mass] of plan.filter((one) => one[2] > 0.05)) { // each word at the first place on its arrow that is free
        const at = [0.66, 0.3, 0.48, 0.84, 0.14, 0.57, 0.39, 0.75].map((way) => [x + way * (y - x), way * GROUND]).reduce((best, one) => room(one) > room(best) ? one : best);
        words.push(at);
        earth.text(at, mass.toFixed(2), "ink", { anchor: "middle", dy: 4 });
      }
      earth.text([ends[0], 1], "heaps (real)", "real", { dx: 5, dy: 15 }).text([ends[0], -1.75], "holes (fake)", "fake", { dx: 5, dy: -7 });
      for (let i = 1; i < 4; i++) {
        earth.handle(`p${i}`, [s[`x${i}`], share(s, "p", i)], { label: `The ${NAMES[i - 1]} heap: place and earth`, kind: "real", step: [0.5, 0.1],
          move: (x, y) => set({ [`x${i}`]: x, ...amount(s, "p", i, y) }) });
        earth.handle(`q${i}`, [s[`y${i}`] + s.shift, GROUND - share(s, "q", i)], { label: `The ${NAMES[i - 1]} hole: place and room`, kind: "fake", step: [0.5, 0.1],
          move: (x, y) => set({ [`y${i}`]: x - s.shift, ...amount(s, "q", i, GROUND - y) }) });
      }
      const top = Math.max(3, ...f.map((a) => a[1])), height = new Map(f);
      critic.begin({ x: ends, y: [-0.35 * top, 1.3 * top], xLabel: "place", yLabel: "height f", height: 210 });
      critic.rule({ y: mean_real }, "real").rule({ y: mean_fake }, "fake");
      critic.line([[ends[0], f[0][1]], ...f, [ends[1], f[f.length - 1][1]]], "disc");
      critic.dots(p.map(([x]) => [x, height.get(x)]), "real", { r: 5 }).dots(q.map(([x]) => [x, height.get(x)]), "fake", { r: 5, empty: true });
      critic.text([ends[1], mean_real], "mean, heaps", "real", { anchor: "end", dx: -4, dy: -5 });
      critic.text([ends[0], mean_fake], "mean, holes", "fake", { dx: 5, dy: 14 });
    },
    say(s, { w1, gap, jsd, p, q }) {
      if (w1 < 1e-9) return "Heaps fit the holes: nothing is carried, and the best landscape is flat.";
      const shared = p.some(([x]) => q.some(([y]) => x === y));
      return `Carrying the earth costs ${w1.toFixed(2)}, and the landscape's means are ${gap.toFixed(2)} apart: each proves the other best. The Jensen-Shannon divergence ${
        shared ? `is ${jsd.toFixed(2)}, below log 2 because a heap stands on a hole` : "is log 2, as wherever no heap stands exactly on a hole"}.`;
    },
  });
})();

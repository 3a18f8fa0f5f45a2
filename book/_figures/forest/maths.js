// Effects of training tricks from measured scores: Welch's interval and test, Holm's rule, as in the chapter's lab.
(function () {
  "use strict";
  const { mean } = window.GanNumbers;

  function logGamma(x) { // Lanczos, for x > 0
    const c = [676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
               -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7];
    if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
    const t = x + 6.5, sum = c.reduce((s, v, i) => s + v / (x + i), 0.99999999999980993);
    return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
  }
  function beta(x, a, b) { // the regularised incomplete beta function, by a continued fraction
    if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
    if (x > (a + 1) / (a + b + 2)) return 1 - beta(1 - x, b, a);
    const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x)) / a;
    let c = 1, d = 1 / (1 - (a + b) * x / (a + 1)), h = d;
    for (let m = 1; m < 300; m++) {
      for (const term of [m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))]) {
        d = 1 / (1 + term * d);
        c = 1 + term / c;
        h *= c * d;
      }
      if (Math.abs(c * d - 1) < 1e-15) break;
    }
    return front * h;
  }
  const tail = (t, df) => beta(df / (df + t * t), df / 2, 0.5); // both tails of Student's law
  function bar(df) { // where both tails hold 5 %
    let low = 1.9, high = 1e4;
    for (let k = 0; k < 70; k++) { const middle = (low + high) / 2; if (tail(middle, df) > 0.05) low = middle; else high = middle; }
    return low;
  }

  const square = (values) => { const m = mean(values); return values.reduce((s, v) => s + (v - m) ** 2, 0) / (values.length - 1) / values.length; };
  // The effect of scores against those of a base: Welch's, or, run by run, of the differences.
  function compare(ours, base, paired, logs) {
    let centre, error, df;
    if (paired) {
      const gaps = ours.map((v, i) => v - base[i]);
      [centre, error, df] = [mean(gaps), Math.sqrt(square(gaps)), gaps.length - 1];
    } else {
      const [a, b] = [square(ours), square(base)];
      [centre, error] = [mean(ours) - mean(base), Math.sqrt(a + b)];
      df = (a + b) ** 2 / (a * a / (ours.length - 1) + b * b / (base.length - 1));
    }
    const reach = bar(df) * error, show = logs ? Math.exp : (v) => v;
    return { size: show(centre), low: show(centre - reach), high: show(centre + reach), p: tail(centre / error, df) };
  }

  function numbers({ world, score, seeds, show, chosen }) {
    const table = window.GanData.forest[world], logs = score === "main" && !world.startsWith("ring"), to = logs ? Math.log : (v) => v;
    if (!table[0][score]) return { rows: [], helps: 0, open: 0, hurts: 0, ours: [], base: [], neutral: 0, logs, most: 0 };
    const of = (row) => row[score].filter(([seed]) => row.paired || seed < 11).slice(0, row.paired ? undefined : seeds);
    const control = (row) => table.find((r) => r.name === row.base)[score].filter(([seed]) => seed > 10);
    const values = (list) => list.map(([, v]) => v);
    const all = table.filter((row) => row.name !== "plain: plain").map((row) => ({ name: row.name,
      ...compare(values(of(row)).map(to), values(control(row)).map(to), row.paired, logs) }));
    let passes = true; // Holm's rule: from the smallest p on, until one fails
    for (const [i, row] of [...all].sort((a, b) => a.p - b.p).entries()) {
      passes &&= row.p <= 0.05 / (all.length - i);
      row.verdict = !passes ? "open" : (row.size < (logs ? 1 : 0)) === logs ? "helps" : "hurts";
    }
    const count = (word) => all.filter((row) => row.verdict === word).length;
    const rows = all.map(({ p, ...row }) => row).filter(({ verdict }) => show === "all" || (show === "open") === (verdict === "open"));
    const most = Math.max(...table.filter((r) => !r.paired && r.name !== "plain: plain").map((r) => of(r).length)); // averages keep all their runs
    const row = table.find((r) => r.name === chosen && r.name !== "plain: plain");
    return { rows, helps: count("helps"), open: count("open"), hurts: count("hurts"), ours: row ? values(of(row)) : [],
             base: row ? values(control(row)) : [], neutral: logs ? 1 : 0, logs, most };
  }

  window.GanMaths.forest = { numbers };
})();

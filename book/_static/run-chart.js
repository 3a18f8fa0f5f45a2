// A chart of values over the steps of a run, drawn with the kit of the live figures: lines with their names at their ends, a
// level to compare with, marks where something changed, and a reader that finger, mouse and arrow keys move along the steps.
(function () {
  "use strict";
  const { element } = window.GanDom;
  const MOST = 600, LETTER = 6.8; // values kept of a line; pixels of a letter in the names at the lines' ends

  // lines: [{ name, kind, dash }]; level: a value to compare with; range: [low, high] that must be seen; log: logarithmic.
  function makeRunChart(title, { level = null, range = [], log = false, height = 140, moved = () => {} } = {}) {
    const place = element("div", { class: "gan-chart", tabindex: 0, role: "slider", "aria-label": title }), readout = element("output", { "aria-live": "off" });
    const figure = element("figure", { class: "gan-chart-box" }, element("figcaption", {}, element("strong", {}, title), " ", readout), place);
    const chart = window.GanFigure.chart(place, title);
    chart.svg.setAttribute("aria-hidden", "true"); // the slider above it speaks
    let lines = [], steps = [], values = [], marks = [], cursor = null;
    const text = (v) => !Number.isFinite(v) ? "no number" : (Math.abs(v) >= 1000 || (v !== 0 && Math.abs(v) < 0.01) ? v.toExponential(0) : String(Number(v.toPrecision(3)))).replaceAll("-", "−");

    function clear(newLines, ends = {}) { // a new run, with what it is compared with
      [lines, steps, marks, cursor] = [newLines, [], [], null];
      ({ level = level, range = range } = ends);
      values = lines.map(() => []);
      draw();
    }
    function add(step, numbers) {
      if (steps[steps.length - 1] === step) return;
      steps.push(step);
      numbers.forEach((v, i) => values[i].push(v));
      if (steps.length > MOST) { // keep every second
        steps = steps.filter((_, i) => i % 2 === 0);
        values = values.map((line) => line.filter((_, i) => i % 2 === 0));
      }
    }
    const mark = (step, words) => { marks = [...marks.filter((m) => m.step !== step), { step, words }]; };
    // Lines that begin later, such as those of a second game, have no values before.
    function grow(newLines) {
      values = [...values, ...newLines.slice(lines.length).map(() => steps.map(() => NaN))];
      lines = newLines;
    }

    function limits() {
      const all = values.flat().filter((v) => Number.isFinite(v) && (!log || v > 0));
      if (log) {
        const [low, high] = all.length ? [Math.min(...all), Math.max(...all)] : [0.001, 1];
        return [10 ** Math.floor(Math.log10(low)), 10 ** Math.ceil(Math.log10(high) + 1e-9)];
      }
      for (const v of [...range, level]) if (v !== null) all.push(v);
      if (!all.length) return [0, 1];
      const [low, high] = [Math.min(...all), Math.max(...all)], room = (high - low || 1) * 0.06;
      return [low - room, high + room];
    }
    function draw() {
      if (!figure.isConnected || !place.clientWidth) return;
      const space = (10 + LETTER * Math.max(0, ...lines.map(({ name }) => name.length))) / Math.max(160, place.clientWidth - 56);
      const last = Math.max(steps.length ? steps[steps.length - 1] : 0, 20), end = last / Math.max(0.5, 1 - space), [low, high] = limits();
      const ticks = window.GanFigure.ticks(0, last, 4).filter(Number.isInteger);
      chart.begin({ x: [0, end], y: [low, high], height, xTicks: ticks, yTicks: log ? undefined : window.GanFigure.ticks(low, high, 3), logY: log, xLabel: "step" });
      if (level !== null) chart.line([[0, level], [end, level]], "ink", { dash: "2 3", width: 1 });
      const letters = (words) => LETTER * words.length + 6, across = (x) => (x / end) * (place.clientWidth - 56);
      for (const { step, words } of marks) { // the words stand left of the line where the right has no room for them
        const left = across(last - step) < letters(words) && across(step) > letters(words);
        chart.rule({ x: step }, "ink").text([step, high], words, "ink", { anchor: left ? "end" : "start", dx: left ? -4 : 4, dy: 12 });
      }
      lines.forEach(({ kind, dash }, i) => {
        const points = steps.map((s, k) => [s, values[i][k]]).filter(([, v]) => Number.isFinite(v) && (!log || v > 0));
        chart.line(points, kind, { dash, width: 1.8 });
        if (points.length === 1) chart.dots(points, kind, { r: 2 });
      });
      names(last, low, high);
      const k = cursor === null ? steps.length - 1 : nearest(cursor);
      if (cursor !== null && steps.length) {
        chart.rule({ x: steps[k] }, "quiet");
        lines.forEach(({ kind }, i) => { if (Number.isFinite(values[i][k])) chart.dots([[steps[k], values[i][k]]], kind, { r: 3 }); });
      }
      const words = steps.length ? `step ${steps[k]}: ` + (lines.map(({ name }, i) => [name, values[i][k]]).filter(([, v]) => !Number.isNaN(v)).map(([name, v]) => `${name} ${text(v)}`).join(", ") || "none yet") : "no step yet";
      readout.textContent = words;
      const now = steps.length ? steps[k] : 0;
      for (const [name, value] of Object.entries({ valuemin: 0, valuemax: last, valuenow: now, valuetext: words })) place.setAttribute(`aria-${name}`, value);
      chart.end(title);
      chart.svg.setAttribute("aria-hidden", "true");
    }
    function names(last, low, high) { // at the lines' ends, spread where they would cover each other
      const f = log ? Math.log10 : (v) => v, pixel = (f(high) - f(low)) / (height - 34);
      const ends = lines.map((line, i) => ({ ...line, v: values[i][values[i].length - 1] })).filter(({ v }) => Number.isFinite(v) && (!log || v > 0))
        .map((end) => ({ ...end, y: f(end.v) })).sort((a, b) => a.y - b.y);
      for (let i = 1; i < ends.length; i++) ends[i].y = Math.max(ends[i].y, ends[i - 1].y + 13 * pixel);
      const over = ends.length ? Math.max(0, ends[ends.length - 1].y - (f(high) - 5 * pixel)) : 0;
      for (const { name, kind, y } of ends) chart.text([last, log ? 10 ** (y - over) : y - over], name, kind, { dx: 5, dy: 4 });
    }

    function nearest(step) {
      let best = 0;
      steps.forEach((s, k) => { if (Math.abs(s - step) < Math.abs(steps[best] - step)) best = k; });
      return best;
    }
    function point(step) { cursor = step; draw(); } // null: back to the last step
    function under(event) {
      const box = chart.svg.getBoundingClientRect();
      return chart.toData(event.clientX - box.left, 0)[0];
    }
    place.addEventListener("pointermove", (event) => steps.length && moved(under(event)));
    place.addEventListener("pointerdown", (event) => steps.length && moved(under(event)));
    place.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") moved(null); }); // a finger's reading stays
    place.addEventListener("blur", () => moved(null));
    place.addEventListener("keydown", (event) => {
      if (!steps.length) return;
      const k = cursor === null ? steps.length - 1 : nearest(cursor), end = steps.length - 1;
      const to = { ArrowLeft: k - 1, ArrowDown: k - 1, ArrowRight: k + 1, ArrowUp: k + 1, PageDown: k - 10, PageUp: k + 10, Home: 0, End: end }[event.key];
      if (event.key === "Escape") moved(null);
      else if (to === undefined) return;
      else moved(steps[Math.max(0, Math.min(end, to))]);
      event.preventDefault();
    });
    let wide = 0;
    new ResizeObserver(() => { if (place.clientWidth !== wide) { wide = place.clientWidth; draw(); } }).observe(place);
    return { add, clear, draw, figure, grow, mark, point, svg: chart.svg, title, get marks() { return marks; }, get values() { return values; }, get steps() { return steps; } };
  }

  // Charts that are read together: the same step in all.
  function together(make) {
    const charts = [];
    const moved = (step) => { for (const chart of charts) chart.point(step); };
    charts.push(...make(moved));
    return charts;
  }

  window.GanRunChart = { makeRunChart, together };
})();

(function () {
  "use strict";
  const { choice, define, shape, slider, write } = window.GanFigure;
  const { element } = window.GanDom;
  const WORLDS = [["digits", "digits, 500 steps"], ["digits-long", "digits, 2,000 steps"], ["ring", "ring, 1,000 steps"],
                  ["ring-long", "ring, 4,000 steps"], ["clothing", "clothing, 500 steps"]];
  const WORD = { helps: "helps", hurts: "hurts", open: "no difference seen" }, KIND = { helps: "real", hurts: "fake", open: "other" };
  const RANGE = { true: [0.25, 32], false: [-1, 0.6] }, TICKS = { true: [0.5, 1, 2, 4, 8, 16], false: [-0.8, -0.4, 0, 0.4] };
  const percent = (v, logs) => {
    const f = logs ? Math.log : (x) => x, [low, high] = RANGE[logs].map(f);
    return `${100 * Math.max(0, Math.min(1, (f(v) - low) / (high - low)))}%`;
  };
  const text = (r) => `${write(r.size)} (${write(r.low)} to ${write(r.high)})`;

  // The interval of a row: a line across the cell, an arrow head where it leaves it, a thin line at no effect.
  function interval({ size, low, high, verdict }, { logs, neutral }) {
    const svg = shape("svg", { class: "gan-interval gan-plot-part", "aria-hidden": "true" }), at = (v) => percent(v, logs), kind = KIND[verdict];
    svg.append(shape("line", { x1: at(neutral), x2: at(neutral), y1: 0, y2: 24, class: "gan-line quiet", style: "stroke-width:1" }),
      shape("line", { x1: at(low), x2: at(high), y1: 12, y2: 12, class: `gan-line ${kind}` }),
      shape("circle", { cx: at(size), cy: 12, r: 4.5, class: `gan-dot ${kind}` }));
    for (const [v, end, sign] of [[low, 0, "‹"], [high, 1, "›"]]) if (end ? v > RANGE[logs][1] : v < RANGE[logs][0])
      svg.append(shape("text", { x: `${100 * end}%`, y: 17, "text-anchor": end ? "end" : "start", class: kind }, sign));
    return svg;
  }
  function scale({ logs, neutral }) {
    const svg = shape("svg", { class: "gan-interval", "aria-hidden": "true" });
    for (const v of TICKS[logs]) svg.append(shape("text", { x: percent(v, logs), y: 16, "text-anchor": "middle" }, (v > 0 && !neutral ? "+" : "") + String(v).replace("-", "−")));
    return svg;
  }

  const said = (n, verb) => `${n || "none"} ${verb}${n > 1 ? "" : "s"}`;
  const cell = (role, kind, ...children) => element("td", { role, class: kind }, ...children);
  function fill(box, seeds, state, numbers, set) {
    const { rows, logs, ours, base } = numbers, place = seeds.svg.parentElement, had = box.contains(document.activeElement) && document.activeElement.dataset.row;
    const head = element("tr", { role: "row" }, ...[["Trick"], [scale(numbers)], [`${logs ? "Factor" : "Change"} (95 % interval)`], ["Verdict"]].map((words, i) =>
      element("th", { role: "columnheader", scope: "col", class: ["", "gan-scale", "gan-effect", ""][i], "aria-label": i === 1 ? "Interval, drawn" : null }, ...words)));
    const body = rows.flatMap((row) => {
      const on = row.name === state.chosen;
      const press = element("button", { type: "button", "aria-expanded": String(on), "data-row": row.name,
        click: () => set({ chosen: on ? "" : row.name }) }, row.name);
      const line = element("tr", { role: "row", class: on ? "gan-on" : "" }, element("th", { role: "rowheader", scope: "row" }, press),
        cell("cell", "gan-drawn", interval(row, numbers)), cell("cell", "gan-effect", text(row)), cell("cell", `gan-verdict ${KIND[row.verdict]}`, WORD[row.verdict]));
      return on && ours.length ? [line, element("tr", { role: "row" }, element("td", { role: "cell", colspan: 4, class: "gan-seeds" }, place))] : [line];
    });
    place.hidden = !body.some((line) => line.contains(place));
    if (place.hidden) box.after(place);
    box.replaceChildren(element("table", { class: "gan-forest", role: "table" }, element("thead", { role: "rowgroup" }, head), element("tbody", { role: "rowgroup" }, ...body)));
    if (had) [...box.querySelectorAll("button")].find((press) => press.dataset.row === had)?.focus({ preventScroll: true });
    if (place.hidden) return;
    const all = [...ours, ...base], [low, high] = logs ? [Math.min(...all) / 1.3, Math.max(...all) * 1.3] : [Math.min(0, ...all), Math.max(1, ...all)];
    const marks = logs ? [10, 20, 50, 100, 200, 500, 1000].filter((t) => t > low && t < high) : undefined;
    seeds.begin({ x: [low, high], y: [0, 2], yTicks: null, xTicks: marks, logX: logs, height: 128, yLabel: " ",
      xLabel: { main: logs ? "Fréchet distance of each run" : "share of good samples of each run" }[state.score] || `${state.score} of each run` });
    for (const [values, y, kind, words] of [[ours, 1.35, "extra", "this trick"], [base, 0.55, "ink", "its base"]]) {
      seeds.dots(values.map((v) => [v, y]), kind, { r: 4.5, opacity: 0.75 }).text([low, y], words, kind, { dx: 4, dy: -9 });
    }
  }

  define("forest", {
    charts: { seeds: "Single runs" }, boxes: ["table"],
    controls: [
      choice("world", "World", WORLDS),
      choice("score", "Score", [["main", "distance or share"], ["precision", "precision"], ["recall", "recall"]]),
      choice("show", "Rows", [["verdict", "with a verdict"], ["open", "no difference seen"], ["all", "all"]]),
      slider("seeds", "Runs of a variant, at most", 2, 8, 1),
    ],
    outputs: [["helps", "Helps", 0], ["open", "No difference seen", 0], ["hurts", "Hurts", 0]],
    draw: ({ table, seeds }, state, numbers, set) => fill(table, seeds, state, numbers, set),
    say(state, { rows, helps, open, hurts, ours, base, most }) {
      const where = WORLDS.find(([k]) => k === state.world)[1], all = helps + open + hurts;
      if (!all) return `On the ring no ${state.score} was measured; choose the main score.`;
      const few = most < 8 ? `, with at most ${most} runs of a variant` : ""; // few worlds have eight
      const ends = (list) => `${write(Math.min(...list), Math.max(...list) > 5 ? 0 : 2)} to ${write(Math.max(...list), Math.max(...list) > 5 ? 0 : 2)}`;
      const chosen = ours.length ? ` ${state.chosen}: its ${ours.length} runs have ${ends(ours)}, the ${base.length} of its base ${ends(base)}.` : "";
      return `${where[0].toUpperCase()}${where.slice(1)}${few}: of ${all} tricks ${said(helps, "help")} and ${said(hurts, "hurt")}; for ${open} no difference is seen.${chosen}`;
    },
  });
})();

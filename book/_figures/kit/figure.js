// The kit of the live figures. A figure is one state; controls and handles propose a new one; numbers follow from it; charts
// and a sentence show it. Nothing is read back from a drawing.
//
//   GanFigure.define("name", {
//     controls: [slider("h", "Step size", 0.02, 1, 0.02), choice("rule", "Rule", [["a", "both at once"], ...]), toggle("mean",
//                "draw the mean"), action("One step", (state) => changes), player("Run", (state) => changes or null)],
//     outputs: [["radius", "Distance from the centre", 3]],      // a key of numbers, its label, digits after the point
//     charts: { plane: "The players' plane" },                   // a place for each, with what it shows in words
//     draw({ plane }, state, numbers, set) { plane.begin({ x: [-2, 2], y: [-2, 2], square: true }); ... },
//     say: (state, numbers) => "One sentence on what is to be seen.",
//     boxes: ["table"],                                          // places for HTML below the charts; draw gets them as elements
//     settle: (state, changes) => changes,                       // what else changes with them
//     later: "Draw it here",                                     // words of the button that loads the scripts in data-gan-later
//     side: true,                                                // controls beside the chart, where there is room
//   });
//
// The first state stands in the root's data-gan-state, numbers(state) is GanMaths[name].numbers. A slider holds a number of the
// state and clamps it, also what a handle proposes; a choice holds a string, a toggle true or false.
// A chart may be used without a figure: const chart = GanFigure.chart(element, "words"); chart.begin(...); marks; chart.end().
(function () {
  "use strict";
  if (window.GanFigure) return;
  const { alertIn, button, element, range, row, select } = window.GanDom;
  const NAMESPACE = "http://www.w3.org/2000/svg", REST = 500; // milliseconds without a change before the sentence is spoken
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  function shape(tag, attributes, ...children) {
    const node = document.createElementNS(NAMESPACE, tag);
    for (const [name, value] of Object.entries(attributes)) if (value !== undefined && value !== null) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  // ---- numbers as text ----
  function write(value, digits = 2) {
    if (typeof value !== "number") return String(value);
    if (Number.isNaN(value)) return "none";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    const size = Math.abs(value), text = size >= 1e6 || (size > 0 && size < 0.5 * 10 ** -digits && size < 1e-4)
      ? size.toExponential(1) : size.toFixed(digits);
    return (value < 0 && Number(text) !== 0 ? "−" : "") + text;
  }

  // Round numbers 1, 2, 5, 10, ... apart, about `count` of them between two ends.
  function ticks(low, high, count) {
    const rough = (high - low) / Math.max(1, count), size = 10 ** Math.floor(Math.log10(rough));
    const step = size * [1, 2, 5, 10].find((m) => m * size >= rough * 0.999);
    const found = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) found.push(Number((k * step).toPrecision(12)));
    return found;
  }
  const short = (v) => Math.abs(v) >= 1e5 || (v !== 0 && Math.abs(v) < 1e-3) ? v.toExponential(0) : String(v).replace("-", "−");

  // ---- a chart: scales, axes, marks in SVG, a field on a canvas below, handles above ----
  function makeChart(place, title) {
    const canvas = element("canvas", { class: "gan-field", "aria-hidden": "true", hidden: true });
    const svg = shape("svg", { class: "gan-plot", role: "group", "aria-label": title });
    const [axes, clipped, free, grips] = ["axes", "marks", "words", "grips"].map((name) => shape("g", { class: `gan-${name}` }));
    const clipId = `gan-clip-${makeChart.serial = (makeChart.serial || 0) + 1}`, clipBox = shape("rect", {});
    svg.append(shape("clipPath", { id: clipId }, clipBox), axes, clipped, free, grips);
    clipped.setAttribute("clip-path", `url(#${clipId})`);
    place.classList.add("gan-plot-place");
    place.append(canvas, svg);
    const handles = new Map();
    let box, xs, ys, at;

    function scale([low, high], from, to, log) {
      const f = log ? Math.log10 : (v) => v, [a, b] = [f(low), f(high)];
      const go = (v) => from + (to - from) * (f(v) - a) / (b - a);
      go.back = (p) => { const v = a + (b - a) * (p - from) / (to - from); return log ? 10 ** v : v; };
      return go;
    }

    // Empties the chart and sets its ranges. `square` gives both axes the same scale; `axes: false` draws none.
    function begin({ x, y, xLabel = "", yLabel = "", height = 220, square = false, axes: wanted = true, logX = false, logY = false,
                     xTicks, yTicks, most = 420, left: room = 44 }) {
      const width = Math.max(200, Math.floor(place.clientWidth || 320));
      const [left, right, top, bottom] = wanted ? [yLabel || yTicks !== null ? room : 10, 12, yLabel ? 24 : 10, xTicks === null ? 10 : xLabel ? 40 : 24] : [2, 2, 2, 2];
      let inner = width - left - right, high = height - top - bottom;
      if (square) {
        const ratio = (y[1] - y[0]) / (x[1] - x[0]);
        inner = Math.min(inner, most / Math.max(1, ratio));
        high = inner * ratio;
      }
      const total = high + top + bottom;
      box = { left, top, right: left + inner, bottom: top + high, width, height: total, x, y };
      xs = scale(x, box.left, box.right, logX);
      ys = scale(y, box.bottom, box.top, logY);
      at = (p) => [xs(p[0]), ys(p[1])];
      svg.setAttribute("viewBox", `0 0 ${width} ${total}`);
      svg.style.height = `${total}px`;
      for (const [name, value] of Object.entries({ x: left, y: top, width: inner, height: high })) clipBox.setAttribute(name, value);
      for (const group of [axes, clipped, free]) group.replaceChildren();
      canvas.hidden = true;
      for (const handle of handles.values()) handle.fresh = false;
      if (!wanted) return chart;
      axes.append(shape("rect", { x: left, y: top, width: inner, height: high, class: "gan-frame-line" }));
      const steps = (range, log, pixels) => log
        ? ticks(Math.log10(range[0]), Math.log10(range[1]), Math.min(5, pixels / 50)).filter(Number.isInteger).map((e) => 10 ** e)
        : ticks(range[0], range[1], Math.min(6, pixels / 50));
      const named = (list) => list.map((t) => Array.isArray(t) ? t : [t, short(t)]); // [value, word] or a value
      if (xTicks !== null) for (const [v, word] of named(xTicks || steps(x, logX, inner))) {
        axes.append(shape("line", { x1: xs(v), x2: xs(v), y1: box.bottom, y2: box.bottom + 4, class: "gan-tick" }));
        axes.append(shape("text", { x: xs(v), y: box.bottom + 16, "text-anchor": "middle" }, word));
      }
      if (yTicks !== null) for (const [v, word] of named(yTicks || steps(y, logY, high))) {
        axes.append(shape("line", { x1: left - 4, x2: left, y1: ys(v), y2: ys(v), class: "gan-tick" }));
        axes.append(shape("text", { x: left - 7, y: ys(v) + 4, "text-anchor": "end" }, word));
      }
      if (xLabel) axes.append(shape("text", { x: (left + box.right) / 2, y: box.bottom + 34, "text-anchor": "middle" }, xLabel));
      if (yLabel) axes.append(shape("text", { x: 2, y: 14 }, yLabel)); // above the axis: upright text is read more easily
      return chart;
    }

    const add = (node, group = clipped) => { group.append(node); return chart; };
    const route = (points) => points.map((p, i) => `${i ? "L" : "M"}${xs(p[0]).toFixed(2)} ${ys(p[1]).toFixed(2)}`).join("");
    const marks = {
      // Points are [x, y] in the chart's units. The kind is a word for colour: real, fake, disc, other, extra, ink, quiet.
      line: (points, kind, { dash, width, opacity } = {}) => points.length < 2 ? chart
        : add(shape("path", { d: route(points), class: `gan-line ${kind}`, "stroke-dasharray": dash, style: width && `stroke-width:${width}`, opacity })),
      area: (points, kind, base = 0, { opacity } = {}) => points.length < 2 ? chart
        : add(shape("path", { d: route([[points[0][0], base], ...points, [points[points.length - 1][0], base]]) + "Z", class: `gan-area ${kind}`, style: opacity && `fill-opacity:${opacity}` })),
      dots(points, kind, { r = 3, cross = false, opacity, empty = false } = {}) {
        const d = points.map((p) => {
          const [a, b] = at(p);
          return cross ? `M${a - r} ${b - r}L${a + r} ${b + r}M${a - r} ${b + r}L${a + r} ${b - r}`
                       : `M${a - r} ${b}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
        }).join("");
        return add(shape("path", { d, class: `${cross || empty ? "gan-line" : "gan-dot"} ${kind}`, opacity }));
      },
      // A rectangle between two corners, or a circle of a radius in the chart's x units.
      rect: ([x0, y0], [x1, y1], kind, { opacity, outline = false, round = 0 } = {}) => add(shape("rect", {
        x: Math.min(xs(x0), xs(x1)), y: Math.min(ys(y0), ys(y1)), width: Math.abs(xs(x1) - xs(x0)), height: Math.abs(ys(y1) - ys(y0)),
        rx: round, class: `${outline ? "gan-line" : "gan-dot"} ${kind}`, opacity })),
      circle: ([x, y], radius, kind, { opacity, filled = false, dash } = {}) => add(shape("circle", {
        cx: xs(x), cy: ys(y), r: Math.abs(xs(x + radius) - xs(x)), class: `${filled ? "gan-area" : "gan-line"} ${kind}`, opacity, "stroke-dasharray": dash })),
      arrow([x0, y0], [x1, y1], kind, { width, dash } = {}) {
        const [a, b, c, d] = [xs(x0), ys(y0), xs(x1), ys(y1)], long = Math.hypot(c - a, d - b);
        if (long < 1) return chart;
        const head = Math.min(8, long * 0.6), turn = Math.atan2(d - b, c - a);
        const tip = [2.6, -2.6].map((by) => `M${c} ${d}L${c + head * Math.cos(turn + by)} ${d + head * Math.sin(turn + by)}`).join("");
        add(shape("path", { d: `M${a} ${b}L${c} ${d}`, class: `gan-line ${kind}`, style: width && `stroke-width:${width}`, "stroke-dasharray": dash }));
        return add(shape("path", { d: tip, class: `gan-line ${kind}`, style: width && `stroke-width:${width}` }));
      },
      rule({ x, y }, kind = "quiet", words = "") {
        const ends = x !== undefined ? { x1: xs(x), x2: xs(x), y1: box.top, y2: box.bottom } : { x1: box.left, x2: box.right, y1: ys(y), y2: ys(y) };
        add(shape("line", { ...ends, class: `gan-line gan-rule ${kind}`, "stroke-dasharray": "4 3" }));
        if (words) add(shape("text", { x: x !== undefined ? xs(x) + 4 : box.right - 4, y: x !== undefined ? box.top + 12 : ys(y) - 5, "text-anchor": x !== undefined ? "start" : "end", class: `gan-word ${kind}` }, words), free);
        return chart;
      },
      text: ([x, y], words, kind = "ink", { anchor = "start", dx = 0, dy = 0, size, bold = false } = {}) => add(shape("text", {
        x: xs(x) + dx, y: ys(y) + dy, "text-anchor": anchor, class: `gan-word ${kind}`, style: `${size ? `font-size:${size}px;` : ""}${bold ? "font-weight:700" : ""}` }, words), free),
      // A coloured ground: value(x, y) in [-1, 1], blue (real) above 0 and orange (fake) below, on `cells` x `cells` squares.
      field(value, cells = 60) {
        const style = getComputedStyle(svg), probe = document.createElement("canvas").getContext("2d");
        const [above, below] = ["--gan-real", "--gan-fake"].map((name) => {
          probe.fillStyle = style.getPropertyValue(name).trim() || "#888888";
          probe.fillRect(0, 0, 1, 1);
          return probe.getImageData(0, 0, 1, 1).data;
        });
        const wide = box.right - box.left, high = box.bottom - box.top;
        Object.assign(canvas, { width: cells, height: cells, hidden: false });
        Object.assign(canvas.style, { left: `${100 * box.left / box.width}%`, top: `${box.top}px`, width: `${100 * wide / box.width}%`, height: `${high}px` });
        const context = canvas.getContext("2d"), image = context.createImageData(cells, cells);
        for (let r = 0; r < cells; r++) for (let c = 0; c < cells; c++) {
          const t = Math.max(-1, Math.min(1, value(xs.back(box.left + wide * (c + 0.5) / cells), ys.back(box.top + high * (r + 0.5) / cells))));
          const colour = t > 0 ? above : below, i = 4 * (r * cells + c);
          image.data.set([colour[0], colour[1], colour[2], 150 * Math.abs(t)], i);
        }
        context.putImageData(image, 0, 0);
        return chart;
      },
      // Grey pictures: values in [-1, 1], `side` x `side` each, rows of a list of lists, spread over the whole chart; `crisp`: each value a square.
      pictures(rows, side, { gap = 1, crisp = false } = {}) {
        const step = side + gap, paper = document.createElement("canvas");
        Object.assign(paper, { width: rows[0].length * step - gap, height: rows.length * step - gap });
        const context = paper.getContext("2d"), image = context.createImageData(side, side);
        rows.forEach((row, r) => row.forEach((values, c) => {
          values.forEach((v, i) => { const t = Math.round(127.5 * (v + 1)); image.data.set([t, t, t, 255], 4 * i); });
          context.putImageData(image, c * step, r * step);
        }));
        return add(shape("image", { href: paper.toDataURL(), x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top, preserveAspectRatio: "none", style: `image-rendering: ${crisp ? "pixelated" : "auto"}` }));
      },
      // A point to take hold of, by finger, mouse and arrow keys. `move(x, y)` proposes; `step` is what one key press moves.
      handle(key, [x, y], { label, move, kind = "ink", axes: free = "xy", step = null }) {
        let handle = handles.get(key);
        if (!handle) handles.set(key, handle = makeHandle());
        Object.assign(handle, { fresh: true, x, y, move, free, step: step || [(box.x[1] - box.x[0]) / 50, (box.y[1] - box.y[0]) / 50] });
        if (typeof handle.step === "number") handle.step = [handle.step, handle.step];
        handle.node.setAttribute("class", `gan-grip ${kind}`);
        handle.node.setAttribute("transform", `translate(${xs(x).toFixed(2)} ${ys(y).toFixed(2)})`);
        handle.node.setAttribute("aria-label", label);
        handle.node.setAttribute("aria-valuetext", [free !== "y" && `across ${write(x)}`, free !== "x" && `up ${write(y)}`].filter(Boolean).join(", "));
        handle.node.setAttribute("aria-valuenow", write(free === "y" ? y : x, 3).replace("−", "-"));
        if (!handle.node.isConnected) grips.append(handle.node);
        return chart;
      },
    };

    function makeHandle() {
      const node = shape("g", { tabindex: 0, role: "slider" }, shape("circle", { r: 18, class: "gan-grip-room" }), shape("circle", { r: 8, class: "gan-grip-dot" }));
      const handle = { node };
      let grip = null;
      const place = (event) => {
        const rect = svg.getBoundingClientRect(), zoom = box.width / rect.width;
        return [(event.clientX - rect.left) * zoom, (event.clientY - rect.top) * zoom];
      };
      const propose = (x, y) => handle.move(handle.free === "y" ? handle.x : x, handle.free === "x" ? handle.y : y);
      node.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false }); // here alone: elsewhere a finger scrolls
      node.addEventListener("pointerdown", (event) => {
        if (event.button > 0) return;
        const [px, py] = place(event);
        grip = [px - xs(handle.x), py - ys(handle.y)];
        node.setPointerCapture(event.pointerId);
        node.focus({ preventScroll: true });
        event.preventDefault();
      });
      node.addEventListener("pointermove", (event) => {
        if (!grip) return;
        const [px, py] = place(event);
        propose(xs.back(px - grip[0]), ys.back(py - grip[1]));
      });
      for (const end of ["pointerup", "pointercancel"]) node.addEventListener(end, () => { grip = null; });
      node.addEventListener("keydown", (event) => {
        const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
        if (!by || (handle.free === "x" && by[1]) || (handle.free === "y" && by[0])) return;
        event.preventDefault();
        const far = event.shiftKey ? 5 : 1;
        propose(handle.x + far * by[0] * handle.step[0], handle.y + far * by[1] * handle.step[1]);
      });
      return handle;
    }

    function end(words = title) {
      for (const [key, handle] of handles) if (!handle.fresh) { handle.node.remove(); handles.delete(key); }
      svg.setAttribute("aria-label", words);
    }
    const chart = { begin, end, ...marks, svg, toData: (px, py) => [xs.back(px), ys.back(py)], get box() { return box; } };
    return chart;
  }

  // ---- controls ----
  const slider = (key, label, min, max, step, { digits, fold = false, words = null } = {}) => ({ type: "slider", key, label, min, max, step, fold, words,
    digits: digits ?? Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) });
  const choice = (key, label, options, { fold = false } = {}) => ({ type: "choice", key, label, options, fold });
  const toggle = (key, label, { fold = false } = {}) => ({ type: "toggle", key, label, fold });
  const action = (label, change) => ({ type: "action", label, change });
  const player = (label, change, { every = 120, burst = 10 } = {}) => ({ type: "player", label, change, every, burst });

  function build(root, name, figure) {
    const maths = window.GanMaths[name], first = JSON.parse(root.dataset.ganState);
    let state = { ...first }, timer = null, speech = null, playing = null;
    const sliders = new Map(figure.controls.filter((c) => c.type === "slider").map((c) => [c.key, c]));
    const places = {}, charts = {}, boxes = {}, shown = {}, follow = [];
    for (const key of figure.boxes || []) boxes[key] = element("div", { class: `gan-box gan-place-${key}` });
    for (const [key, words] of Object.entries(figure.charts)) {
      places[key] = element("div", { class: `gan-place-${key}` });
      charts[key] = makeChart(places[key], words);
    }
    const sentence = element("p", { class: "gan-say" }), spoken = element("p", { class: "gan-spoken", role: "status" });

    function clean(changes) {
      const kept = { ...changes };
      for (const [key, { min, max, step }] of sliders) if (key in kept) {
        if (!Number.isFinite(kept[key])) { delete kept[key]; continue; }
        kept[key] = Number(Math.max(min, Math.min(max, min + step * Math.round((kept[key] - min) / step))).toFixed(10));
      }
      return kept;
    }
    function set(changes) {
      const wanted = clean(changes);
      state = { ...state, ...(figure.settle ? figure.settle(state, wanted) : wanted) };
      update();
    }
    function update(speak = true) {
      let numbers;
      try {
        numbers = maths.numbers(state);
        for (const [key, , digits] of figure.outputs || []) shown[key].textContent = write(numbers[key], digits);
        for (const sync of follow) sync();
        figure.draw({ ...charts, ...boxes }, state, numbers, set);
        sentence.textContent = figure.say(state, numbers);
        for (const [key, words] of Object.entries(figure.charts)) charts[key].end(`${words}. ${sentence.textContent}`);
        alertIn(root, "");
      } catch (error) {
        stop();
        alertIn(root, `This figure could not be drawn: ${error.message} Reset brings it back.`);
      }
      if (!speak) return;
      clearTimeout(speech); // a screen reader hears the sentence once the hand rests
      speech = setTimeout(() => { spoken.textContent = sentence.textContent; }, REST);
    }
    function stop() {
      clearInterval(timer);
      timer = null;
      if (playing) playing.textContent = playing.dataset.words;
      playing = null;
    }
    function once(change) { // false when there is nothing more to do
      const changes = change(state);
      if (changes) set(changes);
      return Boolean(changes);
    }

    const builders = {
      slider({ key, label, min, max, step, digits, words }) {
        const value = element("output", { class: "gan-value", "aria-live": "off" }); // the slider says it
        const input = range(min, max, step, state[key], () => set({ [key]: Number(input.value) }));
        input.name = key;
        follow.push(() => {
          input.value = state[key];
          value.textContent = words ? words(state[key]) : write(state[key], digits);
          input.setAttribute("aria-valuetext", value.textContent);
        });
        return row(label, input, value);
      },
      choice({ key, label, options }) {
        const input = select(options, state[key], () => set({ [key]: input.value }));
        input.name = key;
        follow.push(() => { input.value = state[key]; });
        return row(label, input);
      },
      toggle({ key, label }) {
        const input = element("input", { type: "checkbox", name: key, input: () => set({ [key]: input.checked }) });
        follow.push(() => { input.checked = state[key]; });
        return element("label", { class: "gan-check" }, input, ` ${label}`);
      },
      action: ({ label, change }) => button(label, () => { stop(); once(change); }),
      player({ label, change, every, burst }) {
        const words = () => still.matches ? `${label}: ${burst} steps` : label;
        const press = button(words(), () => {
          const wasOn = playing === press;
          stop();
          if (wasOn) return;
          if (still.matches) { for (let k = 0; k < burst && once(change); k++); return; }
          playing = press;
          press.textContent = "Pause";
          timer = setInterval(() => { if (!once(change)) stop(); }, every);
        });
        press.dataset.words = words();
        still.addEventListener("change", () => { press.dataset.words = words(); if (playing === press) stop(); else press.textContent = words(); });
        return press;
      },
    };
    const buttons = element("div", { class: "gan-buttons" }), open = element("div", { class: "gan-figure-controls" });
    const folded = element("div", { class: "gan-figure-controls" });
    for (const control of figure.controls) {
      const node = builders[control.type](control);
      (["action", "player"].includes(control.type) ? buttons : control.fold ? folded : open).append(node);
    }
    buttons.append(button("Reset", () => { stop(); state = { ...first }; update(); }));
    const outputs = element("dl", { class: "gan-outputs" }, ...(figure.outputs || []).map(([key, label]) =>
      element("div", {}, element("dt", {}, label), element("dd", {}, shown[key] = element("output", { name: key, "aria-live": "off" })))));
    const fold = folded.childElementCount ? [element("details", {}, element("summary", {}, "More controls"), folded)] : [];
    const panel = element("div", { class: "gan-figure-panel" }, outputs, sentence, open, ...fold, buttons);
    root.replaceChildren(element("div", { class: figure.side ? "gan-figure-body gan-side" : "gan-figure-body" },
      element("div", { class: "gan-figure-charts" }, ...Object.values(places)), panel), ...Object.values(boxes), spoken);
    root.closest("figure")?.classList.add("gan-started");

    let wide = 0;
    new ResizeObserver(() => { // text keeps its size, so the drawing is laid out anew for each width
      const now = Object.values(places).map((p) => Math.round(p.clientWidth)).join();
      if (now !== wide) { wide = now; update(false); }
    }).observe(root);
    new MutationObserver(() => update(false)).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    new IntersectionObserver((seen) => { if (!seen.at(-1).isIntersecting) stop(); }).observe(root);
    root.ganFigure = { get state() { return state; }, get numbers() { return maths.numbers(state); }, set, stop };
    update(false);
  }

  // Scripts one after the other: each may need the one before. A script element also works from a file.
  function load([source, ...rest]) {
    if (!source) return Promise.resolve();
    return new Promise((done, failed) => {
      const script = element("script", { src: source });
      script.onload = done;
      script.onerror = () => { script.remove(); failed(new Error(`${source.split("/").pop()} could not be loaded; try again.`)); };
      document.head.append(script);
    }).then(() => load(rest));
  }

  // A figure that needs much waits for its button, under the still picture.
  function offer(root, words, start) {
    const place = root.closest("figure"), said = element("p", { role: "alert", hidden: true });
    const press = button(words, () => {
      root.ganStart ||= load(JSON.parse(root.dataset.ganLater)).then(() => { start(); place.querySelector(".gan-offer").remove(); })
        .catch((error) => { root.ganStart = null; said.hidden = false; said.textContent = error.message; });
    });
    root.after(element("div", { class: "gan-offer" }, press, said));
    root.ganStart = null;
    root.ganAsk = () => { press.click(); return root.ganStart; };
  }

  // Starts a figure in every root that carries its name; what fails says so, the still picture stays, and the page goes on.
  function define(name, figure) {
    const all = () => {
      for (const root of document.querySelectorAll(`[data-gan-figure="${name}"]`)) {
        if (root.ganFigure || root.ganAsk) continue;
        const start = () => {
          try {
            build(root, name, figure);
          } catch (error) {
            root.replaceChildren();
            root.closest("figure")?.classList.remove("gan-started");
            alertIn(root, `This figure could not start: ${error.message}`);
          }
        };
        if (figure.later) offer(root, figure.later, start);
        else start();
      }
    };
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", all);
    else all();
  }

  // Buttons in the text that set a figure: <button data-gan-for="name" data-gan-set='{"h": 1}'>.
  addEventListener("click", (event) => {
    const press = event.target.closest?.("button[data-gan-for]");
    const root = press && document.querySelector(`[data-gan-figure="${press.dataset.ganFor}"]`);
    if (!root?.ganFigure && !root?.ganAsk) return;
    Promise.resolve(root.ganFigure || root.ganAsk()).then(() => {
      root.ganFigure.stop();
      root.ganFigure.set(JSON.parse(press.dataset.ganSet));
      root.closest("figure").scrollIntoView({ block: "nearest", behavior: still.matches ? "auto" : "smooth" });
    });
  });

  window.GanFigure = { action, chart: makeChart, choice, define, player, shape, slider, ticks, toggle, write };
})();

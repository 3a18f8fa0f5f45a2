// The latent explorer: sliders along directions of the latent space, and the picture that the generator draws there.
(function () {
  "use strict";
  const { button, element, range, row, select, start } = window.GanDom;
  const RANGE = 4; // a slider's ends, in standard deviations of a latent number
  const SIDE = 5; // of the grid of neighbours

  function normal() { // Box and Muller
    return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  }
  const dot = (u, v) => u.reduce((sum, value, i) => sum + value * v[i], 0);
  const lerp = (a, b, t) => a.map((v, i) => (1 - t) * v + t * b[i]);
  function slerp(a, b, t) { // along the sphere; the length goes from one to the other as well
    const [la, lb] = [Math.sqrt(dot(a, a)), Math.sqrt(dot(b, b))];
    const angle = Math.acos(Math.max(-1, Math.min(1, dot(a, b) / (la * lb || 1))));
    if (angle < 1e-4 || Math.PI - angle < 1e-4) return lerp(a, b, t); // no circle, or too many
    const length = (1 - t) * la + t * lb;
    return a.map((v, i) => length * (Math.sin((1 - t) * angle) * v / la + Math.sin(t * angle) * b[i] / lb) / Math.sin(angle));
  }

  // Paints values in [-1, 1], (C, H, W), on a canvas. A slow generator may return a promise: only the newest wish is kept.
  function makePainter(canvas, generator, failed) {
    const [channels, height, width] = generator.shape;
    Object.assign(canvas, { width, height });
    let wish = null, busy = false;
    function show(values) {
      const context = canvas.getContext("2d"), image = context.createImageData(width, height), n = width * height;
      let light = 0;
      for (let i = 0; i < n; i++) {
        for (let c = 0; c < 3; c++) {
          const byte = Math.round((values[(c % channels) * n + i] + 1) * 127.5);
          image.data[4 * i + c] = byte;
          light += byte / 255 / 3;
        }
        image.data[4 * i + 3] = 255;
      }
      context.putImageData(image, 0, 0);
      return light / n;
    }
    async function serve() {
      busy = true;
      while (wish) {
        const { z, label, done } = wish;
        wish = null;
        try {
          const values = generator.draw(z, label);
          const light = show(values instanceof Promise ? await values : values);
          done(light);
        } catch (error) { failed(error); }
      }
      busy = false;
    }
    return (z, label, done = () => {}) => { wish = { z, label, done }; if (!busy) serve(); };
  }

  // Builds the explorer in `root`. `generator` is what makeGenerator returns, or the like with a draw that returns a
  // promise; `changed(z, label)` hears of every new latent vector. Returns `set(z, label)` for changes from outside.
  function explore(root, generator, { latent: first = null, label: firstLabel = 0, changed = () => {}, note = "" } = {}) {
    const { latent, directions, classes, draw } = generator;
    if (!draw) throw new Error("A generator is needed.");
    let base = first ? Float32Array.from(first) : new Float32Array(latent).map(normal);
    const failed = (error) => window.GanDom.alertIn(root, error.message);

    const canvas = element("canvas", { role: "img", class: "gan-picture" }), paint = makePainter(canvas, generator, failed);
    const choice = select(classes.map((c, i) => [String(i), c]), String(firstLabel), update);
    const sliders = directions.map(() => range(-RANGE, RANGE, 0.05, 0, update));
    const temperature = range(0, 1.5, 0.05, 1, update);
    const random = button("Random", () => { base = base.map(normal); choose("sliders"); });
    const reset = button("Reset sliders", () => { level(); choose("sliders"); });

    // Three kept vectors, for walks and for arithmetic.
    const kept = {}, thumbs = {};
    const picks = ["A", "B", "C"].map((name) => {
      const thumb = element("canvas", { class: "gan-thumb", role: "img", "aria-label": `${name}: nothing kept yet` });
      thumbs[name] = { thumb, paint: makePainter(thumb, generator, failed) };
      return element("div", {}, thumb, button(`Keep as ${name}`, () => keep(name)));
    });
    const view = select([["sliders", "the sliders' picture"], ["walk", "a walk from A to B"], ["sum", "A − B + C"]], "sliders", update);
    const walk = range(0, 1, 0.01, 0, () => choose("walk"));
    const path = select([["sphere", "along the sphere"], ["line", "in a straight line"]], "sphere", update);

    const spread = range(0.2, 2, 0.1, 0.8, update);
    const cells = Array.from({ length: SIDE * SIDE }, (_, i) => {
      const thumb = element("canvas", { class: "gan-thumb" });
      const [across, down] = [i % SIDE - (SIDE - 1) / 2, Math.floor(i / SIDE) - (SIDE - 1) / 2];
      const go = button("", () => { base = neighbour(across, down); level(); choose("sliders"); });
      go.setAttribute("aria-label", across || down ? `Go ${across} steps along direction 1 and ${down} along direction 2` : "Stay here");
      go.append(thumb);
      return { across, down, go, paint: makePainter(thumb, generator, failed) };
    });
    const neighbours = element("details", { toggle: update }, element("summary", {}, "Neighbours: direction 1 across, direction 2 down"),
      row("Step between them", spread), element("div", { class: "gan-neighbours" }, ...cells.map((c) => c.go)));

    function level() { for (const s of sliders) s.value = 0; temperature.value = 1; }
    function fromSliders() {
      const z = base.map((v) => v * Number(temperature.value));
      sliders.forEach((s, i) => { const by = Number(s.value); if (by) directions[i].forEach((v, j) => { z[j] += by * v; }); });
      return z;
    }
    function current() {
      const { A, B, C } = kept;
      if (view.value === "walk" && A && B) return (path.value === "sphere" ? slerp : lerp)(A, B, Number(walk.value));
      if (view.value === "sum" && A && B && C) { // brought back to the length that latent vectors have
        const z = A.map((v, i) => v - B[i] + C[i]), length = Math.sqrt(dot(z, z)) || 1;
        return z.map((v) => v * Math.sqrt(latent) / length);
      }
      return fromSliders();
    }
    function neighbour(across, down) {
      const z = current().slice(), step = Number(spread.value);
      for (const [by, d] of [[across, 0], [down, 1]]) if (directions[d]) directions[d].forEach((v, j) => { z[j] += by * step * v; });
      return z;
    }
    function keep(name) {
      kept[name] = current();
      thumbs[name].paint(kept[name], Number(choice.value));
      thumbs[name].thumb.setAttribute("aria-label", `${name}: a kept picture`);
      update();
    }
    function choose(what) { view.value = what; update(); }
    function missing() {
      const needed = { walk: ["A", "B"], sum: ["A", "B", "C"], sliders: [] }[view.value].filter((name) => !kept[name]);
      return needed.length ? `Keep a picture as ${needed.join(" and ")} first.` : "";
    }
    const hint = element("p", { class: "gan-note", role: "status" });

    function update() {
      hint.textContent = missing();
      const z = current(), label = Number(choice.value || 0);
      const set = sliders.map((s, i) => [i + 1, Number(s.value)]).filter(([, v]) => v !== 0).map(([i, v]) => `${i} at ${v}`);
      const what = view.value === "walk" ? `${Math.round(100 * walk.value)} % of the way from A to B`
        : view.value === "sum" ? "A minus B plus C" : set.length ? `directions ${set.join(", ")}` : "all directions at 0";
      paint(z, label, (light) => canvas.setAttribute("aria-label",
        `Generated ${classes.length ? classes[label] : "picture"}, ${(100 * light).toFixed(0)} % white; ${what}`));
      if (neighbours.open) for (const cell of cells) cell.paint(neighbour(cell.across, cell.down), label);
      changed(z, label);
    }
    function set(z, label) {
      if (z.length !== latent) return failed(new Error(`A latent vector of ${latent} numbers is needed, but ${z.length} came.`));
      base = Float32Array.from(z);
      choice.value = String(label);
      level();
      choose("sliders");
    }

    const controls = element("div", { class: "gan-controls" },
      ...(classes.length ? [row("Draw a", choice)] : []),
      ...sliders.map((s, i) => row(`Direction ${i + 1}`, s)), row("Temperature", temperature),
      element("div", { class: "gan-buttons" }, random, reset),
      element("div", { class: "gan-picks" }, ...picks), row("Show", view), row("Walk", walk), row("Walk goes", path), hint, neighbours);
    root.replaceChildren(canvas, controls, ...(note ? [element("p", { class: "gan-note" }, note)] : []));
    update();
    return { set };
  }

  function fromPage(root) {
    const inside = root.querySelector('script[type="application/json"]');
    const network = inside ? JSON.parse(inside.textContent) : (window.GAN_GENERATORS || {})[root.dataset.generator];
    explore(root, window.GanGenerator.makeGenerator(network), network.start || {});
  }

  window.GanExplorer = { explore, lerp, slerp };
  start("latent-explorer", fromPage);
})();

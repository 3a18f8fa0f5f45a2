// The latent explorer: sliders along directions of the latent space, and the pictures that the generator draws there.
(function () {
  "use strict";
  const { alertIn, button, element, fetchScript, range, row, select, start } = window.GanDom;
  const { enlarge, lerp, normals, readDigits, slerp } = window.GanGenerator;
  const RANGE = 4; // a slider's ends, in standard deviations of a latent number
  const FIRST = 3; // directions at first sight; the others are folded away
  const SIDE = 5; // of the grid of neighbours, and rows of the grid of styles
  const MOST = 12; // pictures side by side
  const WAIT = 120; // milliseconds without a move until the folded grids follow

  const dot = (u, v) => u.reduce((sum, value, i) => sum + value * v[i], 0);

  // Paints pictures in [-1, 1], each (C, H, W), side by side on a canvas, on a phone five in a row. Smooth ones are enlarged to about `most` pixels in
  // all, but no picture to more than `size`. A slow generator may return promises: only the newest wish is kept.
  function makePainter(canvas, generator, size, most, failed) {
    const [channels, height, width] = generator.shape;
    let wish = null, busy = false;
    function show(pictures, smooth) {
      const columns = window.matchMedia("(max-width: 600px)").matches ? Math.min(5, pictures.length) : pictures.length;
      const k = smooth ? Math.max(1, Math.round(Math.min(size, most / columns) / width)) : 1, [h, w] = [height * k, width * k], n = w * h;
      Object.assign(canvas, { width: w * columns, height: h * Math.ceil(pictures.length / columns) }); // and empty
      canvas.classList.toggle("gan-pixels", !smooth);
      const context = canvas.getContext("2d"), image = context.createImageData(w, h);
      let light = 0;
      pictures.forEach((values, at) => {
        for (const v of values) light += (v + 1) / 2 / values.length / pictures.length;
        const large = k > 1 ? enlarge(values, generator.shape, k) : values;
        for (let i = 0; i < n; i++) {
          for (let c = 0; c < 3; c++) image.data[4 * i + c] = Math.round((large[(c % channels) * n + i] + 1) * 127.5);
          image.data[4 * i + 3] = 255;
        }
        context.putImageData(image, at % columns * w, Math.floor(at / columns) * h);
      });
      return light;
    }
    async function serve() {
      busy = true;
      while (wish) {
        const { z, labels, smooth, done } = wish, pictures = [];
        wish = null;
        try {
          for (const label of labels) {
            const values = generator.draw(z, label);
            pictures.push(values instanceof Promise ? await values : values);
            if (wish) break; // a newer one came meanwhile
          }
          if (pictures.length === labels.length) done(show(pictures, smooth));
        } catch (error) { failed(error); }
      }
      busy = false;
    }
    return (z, labels, smooth, done = () => {}) => { wish = { z, labels, smooth, done }; if (!busy) serve(); };
  }

  // Builds the explorer in `root`. `generator` is what makeGenerator returns, or the like with a draw that returns a
  // promise; `changed(z, label)` hears of every new latent vector, with the first class that is drawn. Returns
  // `set(z, label)` for changes from outside, and `state()`.
  function explore(root, generator, { latent: first = null, label: firstLabel = 0, changed = () => {}, note = "", link = {} } = {}) {
    const { latent, directions, classes, draw } = generator;
    if (!draw) throw new Error("A generator is needed.");
    let base = first ? Float32Array.from(first) : normals(latent);
    let labels = [classes.length ? Number(firstLabel) : 0];
    const failed = (error) => alertIn(root, error.message);
    const name = (label) => classes.length ? classes[label] : "picture";

    const canvas = element("canvas", { role: "img", class: "gan-picture" });
    const paint = makePainter(canvas, generator, 400, 1100, failed);
    const thumb = () => element("canvas", { class: "gan-thumb" });
    const small = (where) => makePainter(where, generator, 112, 112, failed);

    // What is drawn: a number if the classes are digits, else one class or a row of several.
    const asDigits = classes.length > 1 && classes.every((c) => /^[0-9]$/.test(c));
    const said = element("p", { class: "gan-note", role: "status" });
    const number = element("input", { type: "text", inputmode: "numeric", autocomplete: "off", spellcheck: "false", value: name(labels[0]),
      class: "gan-number", input: readNumber });
    const choice = select([...classes.map((c, i) => [String(i), c]), ...(classes.length > 1 ? [["several", "several in a row"]] : [])],
      String(labels[0]), readChoice);
    const boxes = classes.map((_, i) => element("input", { type: "checkbox", value: i, checked: true, input: readChoice }));
    const several = element("fieldset", { class: "gan-several", hidden: true }, element("legend", {}, "In the row"),
      ...boxes.map((box, i) => element("label", { class: "gan-check" }, box, ` ${classes[i]}`)));
    function readNumber() {
      const read = readDigits(number.value, classes, MOST);
      said.textContent = read.said;
      if (read.labels.length) { labels = read.labels; update(); }
    }
    function readChoice() {
      const row = boxes.filter((box) => box.checked).map((box) => Number(box.value));
      several.hidden = choice.value !== "several";
      said.textContent = several.hidden || row.length ? "" : "Tick at least one.";
      if (several.hidden) labels = [Number(choice.value)];
      else if (row.length) labels = row;
      update();
    }
    function drawClass(label) {
      labels = [label];
      if (asDigits) number.value = name(label);
      else choice.value = String(label);
      several.hidden = true;
      said.textContent = "";
    }

    // A slider whose value stands beside it.
    function slider(text, min, max, step, value, input) {
      const control = range(min, max, step, value, input), shown = element("output", {});
      control.ganSay = () => { shown.textContent = (min < 0 && control.value > 0 ? "+" : "") + Number(control.value).toFixed(2).replace("-", "−"); };
      control.ganSay();
      return { control, row: row(text, control, shown) };
    }
    const moved = directions.map((_, i) => slider(`Direction ${i + 1}`, -RANGE, RANGE, 0.05, 0, () => adopt(i)));
    const sliders = moved.map((s) => s.control);
    const heat = slider("Temperature", 0, 1.5, 0.05, 1, () => adopt(-1)), temperature = heat.control;
    const smooth = element("input", { type: "checkbox", checked: true, input: update });
    const random = button("Random", () => { base = normals(latent); choose("sliders"); });
    const reset = button("Reset sliders", () => { level(); choose("sliders"); });

    // Three kept vectors, for walks and for arithmetic. An empty place is a frame with its letter.
    const kept = {}, places = {};
    const picks = ["A", "B", "C"].map((letter) => {
      const picture = Object.assign(thumb(), { hidden: true }), frame = element("div", { class: "gan-place", role: "img", "aria-label": `${letter}: empty` }, picture,
        element("span", { "aria-hidden": "true" }, letter));
      places[letter] = { frame, picture, paint: small(picture) };
      return element("div", {}, frame, button(`Keep as ${letter}`, () => keep(letter)));
    });
    const view = select([["sliders", "the sliders' picture"], ["walk", "a walk from A to B"], ["sum", "A − B + C"]], "sliders", update);
    const step = slider("Walk", 0, 1, 0.01, 0, () => choose("walk")), walk = step.control;
    const path = select([["sphere", "along the sphere"], ["line", "in a straight line"]], "sphere", update);

    // Neighbours of the present vector, and styles by classes; both are drawn only while their fold is open.
    const stride = slider("Step between them", 0.2, 2, 0.1, 0.8, update), spread = stride.control;
    const cells = Array.from({ length: SIDE * SIDE }, (_, i) => {
      const picture = thumb();
      const [across, down] = [i % SIDE - (SIDE - 1) / 2, Math.floor(i / SIDE) - (SIDE - 1) / 2];
      const go = button("", () => { base = neighbour(across, down); level(); choose("sliders"); });
      go.setAttribute("aria-label", across || down ? `Go ${across} steps along direction 1 and ${down} along direction 2` : "Stay here");
      go.append(picture);
      return { across, down, go, paint: small(picture) };
    });
    const neighbours = element("details", { toggle: paintGrids }, element("summary", {}, "Neighbours: direction 1 across, direction 2 down"),
      stride.row, element("div", { class: "gan-neighbours" }, ...cells.map((c) => c.go)));

    let styles = Array.from({ length: SIDE - 1 }, () => normals(latent)); // below the first row, which is the present one
    const columns = classes.map((_, i) => i), shortNames = classes.every((c) => c.length < 3);
    const table = columns.length < 2 ? [] : Array.from({ length: SIDE }, (_, i) => columns.map((label) => {
      const picture = thumb();
      const go = button("", () => { base = Float32Array.from(i ? styles[i - 1] : current()); drawClass(label); level(); choose("sliders"); });
      go.setAttribute("aria-label", `Go to ${name(label)} in ${i ? `style ${i}` : "the present style"}`);
      go.append(picture);
      return { i, label, go, paint: small(picture) };
    }));
    const grid = element("details", { toggle: paintGrids }, element("summary", {}, "Class by style: one latent vector in each row"),
      element("div", { class: "gan-styles", style: `--columns: ${columns.length}` },
        ...(shortNames ? [element("span", {}), ...columns.map((label) => element("span", { "aria-hidden": "true" }, name(label)))] : []),
        ...table.flatMap((line, i) => [element("span", { "aria-hidden": "true" }, i ? String(i) : "now"), ...line.map((c) => c.go)])),
      element("div", { class: "gan-buttons" }, button("Other styles", () => { styles = styles.map(() => normals(latent)); paintGrids(); })));

    function level() { left = null; for (const s of sliders) s.value = 0; temperature.value = 1; }
    // While a walk or a sum is shown the sliders stand at rest, for they say nothing of it, and one that is moved starts from what is seen.
    // Who goes back to the sliders' picture finds them where they were.
    let left = null;
    function rest() {
      const away = view.value !== "sliders" && !missing(), all = [...sliders, temperature];
      if (away && !left) {
        const values = all.map((s) => s.value);
        level();
        left = values;
      } else if (!away && left) {
        all.forEach((s, i) => { s.value = left[i]; });
        left = null;
      }
    }
    function adopt(which) {
      if (view.value !== "sliders" && !missing()) {
        const value = (sliders[which] || temperature).value;
        base = Float32Array.from(current());
        level();
        (sliders[which] || temperature).value = value;
      }
      choose("sliders");
    }
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
      const z = current().slice(), by = Number(spread.value);
      for (const [steps, d] of [[across, 0], [down, 1]]) if (directions[d]) directions[d].forEach((v, j) => { z[j] += steps * by * v; });
      return z;
    }
    function keep(letter) {
      const { frame, picture, paint } = places[letter];
      kept[letter] = current();
      picture.hidden = false;
      paint(kept[letter], labels.slice(0, 1), smooth.checked);
      frame.setAttribute("aria-label", `${letter}: a kept picture`);
      update();
    }
    function choose(what) { view.value = what; update(); }
    function missing() {
      const needed = { walk: ["A", "B"], sum: ["A", "B", "C"], sliders: [] }[view.value].filter((letter) => !kept[letter]);
      return needed.length ? `Keep a picture as ${needed.join(" and ")} first.` : "";
    }
    const hint = element("p", { class: "gan-note", role: "status" });

    let waiting = null;
    function paintGrids() {
      clearTimeout(waiting);
      if (!neighbours.open && !grid.open) return;
      waiting = setTimeout(() => {
        if (neighbours.open) for (const cell of cells) cell.paint(neighbour(cell.across, cell.down), labels.slice(0, 1), smooth.checked);
        if (grid.open) for (const { i, label, paint } of table.flat()) paint(i ? styles[i - 1] : current(), [label], smooth.checked);
      }, WAIT);
    }
    function update() {
      hint.textContent = missing();
      rest();
      for (const s of [...sliders, temperature, walk, spread]) s.ganSay();
      const z = current();
      const set = sliders.map((s, i) => [i + 1, Number(s.value)]).filter(([, v]) => v !== 0).map(([i, v]) => `${i} at ${v}`);
      const what = view.value === "walk" ? `${Math.round(100 * walk.value)} % of the way from A to B`
        : view.value === "sum" ? "A minus B plus C" : set.length ? `directions ${set.join(", ")}` : "all directions at 0";
      const drawn = labels.map(name).join(asDigits ? "" : ", ");
      root.style.setProperty("--wide", `${[240, 320][labels.length - 1] || 180 * labels.length}px`); // one or two leave room for the sliders
      paint(z, labels, smooth.checked, (light) => canvas.setAttribute("aria-label", `Generated ${drawn}, ${(100 * light).toFixed(0)} % white; ${what}`));
      paintGrids();
      changed(z, labels[0]);
    }
    function set(z, label) {
      if (z.length !== latent) return failed(new Error(`A latent vector of ${latent} numbers is needed, but ${z.length} came.`));
      base = Float32Array.from(z);
      if (label !== labels[0]) drawClass(label);
      level();
      choose("sliders");
    }
    const state = () => ({ latent: Array.from(current()), label: labels[0], labels: [...labels] });

    const more = moved.slice(FIRST).map((s) => s.row);
    root.classList.add("gan-explorer");
    const header = document.querySelector(".bd-header-article"); // of the site: it stays at the top, the picture below it
    if (header) root.style.setProperty("--gan-sticky-top", `${header.offsetHeight}px`);
    root.replaceChildren(
      element("div", { class: "gan-head" },
        ...(asDigits ? [row("Write a number", number)] : classes.length ? [row("Draw a", choice)] : []),
        element("div", { class: "gan-buttons" }, random, reset), several, said),
      element("div", { class: "gan-picture-box" }, canvas),
      element("div", { class: "gan-controls" },
        ...moved.slice(0, FIRST).map((s) => s.row),
        element("details", {}, element("summary", {}, more.length ? `${more.length} more directions, temperature, pixels` : "Temperature, pixels"),
          ...more, heat.row, element("label", { class: "gan-check" }, smooth, " smooth enlargement; without it, the pixels that the network draws")),
        element("details", {}, element("summary", {}, "Keep three pictures: walk between them, calculate with them"),
          element("div", { class: "gan-picks" }, ...picks), row("Show", view), step.row, row("Walk goes", path), hint),
        ...(table.length ? [grid] : []), neighbours),
      ...(note ? [element("p", { class: "gan-note" }, note)] : []));

    // A link may set it up: #data=mnist&write=2026&seed=3&direction1=2&temperature=0.5&open=styles
    if (link.seed) base = normals(latent, Number(link.seed));
    if (link.temperature) temperature.value = link.temperature;
    sliders.forEach((s, i) => { if (link[`direction${i + 1}`]) s.value = link[`direction${i + 1}`]; });
    if (link.open === "styles") grid.open = true;
    if (link.open === "neighbours") neighbours.open = true;
    for (const fold of root.querySelectorAll("details")) { // what a link moves is seen
      if ([...fold.querySelectorAll('input[type="range"]')].some((s) => s.value !== s.getAttribute("value"))) fold.open = true;
    }
    if (link.write && asDigits) { number.value = link.write; readNumber(); }
    else if (link.write && classes.includes(link.write)) { choice.value = String(classes.indexOf(link.write)); readChoice(); }
    else if (link.write === "all" && classes.length) { choice.value = "several"; readChoice(); }
    else update();
    return { set, state };
  }

  function fromPage(root) {
    const inside = root.querySelector('script[type="application/json"]');
    const network = inside ? JSON.parse(inside.textContent) : (window.GAN_GENERATORS || {})[root.dataset.generator];
    if (!network && root.dataset.ganNear) return comeNear(root);
    const link = inside || asked()?.data !== root.dataset.generator ? {} : asked();
    if (root.dataset.write) link.write ||= root.dataset.write;
    root.ganExplorer = explore(root, window.GanGenerator.makeGenerator(network), { ...network.start, link });
    if (link.data) root.scrollIntoView();
  }
  // A network that the page does not bring is fetched when a reader comes near its place, or follows a link to it.
  function comeNear(root) {
    const fetchIt = () => fetchScript(root.dataset.ganNear, () => false).then(() => {
      root.removeAttribute("data-gan-near");
      if (!root.ganExplorer) fromPage(root);
    }).catch(({ message }) => alertIn(root, message));
    if (asked()?.data === root.dataset.generator) return fetchIt();
    const near = new IntersectionObserver((seen) => {
      if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
      near.disconnect();
      if (root.dataset.ganNear) fetchIt(); // else a link has brought it
    }, { rootMargin: "500px" });
    near.observe(root);
  }
  function asked() { // what the address says after the #; null if that is the name of a place on the page
    const link = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
    return link.data ? link : null;
  }
  window.addEventListener("hashchange", () => { // a second link on the same page
    for (const root of document.querySelectorAll('[data-gan-widget="latent-explorer"][data-generator]')) {
      if (asked()?.data === root.dataset.generator) fromPage(root);
    }
  });

  window.GanExplorer = { explore, lerp, slerp };
  start("latent-explorer", fromPage);
})();

// The letters page: a word in a font that a generator draws; sliders, a walk between two fonts, breeding, and what to take along.
(function () {
  "use strict";
  const { alertIn, button, element, range, row, start } = window.GanDom;
  const { makeGenerator, normals, slerp } = window.GanGenerator;
  const L = window.GanLettering;
  const FIRST = { seed: 7, a: "26", b: "31", grid: 8 }; // the fonts at first sight, chosen by eye
  const REACH = 2.5; // a slider's ends, in standard deviations of a latent number
  const SAMPLE = "RAG"; // what a small picture of a font shows
  const STEP = 0.05; // of all sliders of fonts
  const SECONDS = 5; // of a walk one way
  const SEEDS = 1e6;
  const GENERATIONS = 200; // that a link tells

  function page(root) {
    const generator = makeGenerator((window.GAN_GENERATORS || {}).letters), measured = Object.entries(window.GAN_LETTER_HAND || {});
    const still = window.matchMedia("(prefers-reduced-motion: reduce)");

    // ---- the state: a base font, what the sliders add, two fonts to walk between, twelve to breed ----
    let base, ends, grid, bred, chosen, fonts, text = "";
    const fresh = () => ({ base: { seed: FIRST.seed }, ends: { a: FIRST.a, b: FIRST.b }, grid: FIRST.grid, bred: [], chosen: [] });
    const fromName = (name) => /^\d{1,7}$/.test(name) ? L.rounded(normals(generator.latent, Number(name))) : L.decode(name, generator.latent);
    const zero = () => sliders.every((s) => Number(s.control.value) === 0);

    function baseLatent() {
      if (base.walk !== undefined) return slerp(fromName(ends.a), fromName(ends.b), base.walk);
      return base.code ? L.decode(base.code, generator.latent) : fromName(String(base.seed));
    }
    function latent() {
      const z = Float32Array.from(baseLatent());
      for (const { control, vector } of sliders) { const by = Number(control.value); if (by) vector.forEach((v, i) => { z[i] += by * v; }); }
      return L.rounded(z);
    }
    const nameOf = () => base.seed !== undefined && zero() ? String(base.seed) : L.encode(latent());
    function raise() { // the twelve fonts, from the seed and the pairs that were bred since
      fonts = L.strangers(generator.latent, grid);
      bred.forEach(([i, j], n) => { fonts = L.breed(fonts[i], fonts[j], 1000 * grid + n + 1); });
    }

    // ---- controls ----
    const canvas = element("canvas", { role: "img", class: "gan-line" }), box = element("div", { class: "gan-paper" }, canvas);
    const said = element("p", { class: "gan-note", role: "status" }), told = element("p", { class: "gan-note", role: "status" });
    const word = element("input", { type: "text", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", class: "gan-word", input: () => { readText(); change(); } });
    const signed = (value, digits = 2) => (value > 0 ? "+" : "") + Number(value).toFixed(digits).replace("-", "−");
    const capital = (name) => name[0].toUpperCase() + name.slice(1);
    const sliders = measured.map(([name, { direction: vector }]) => {
      const control = range(-REACH, REACH, STEP, 0, () => { stop(); change(); }), shown = element("output", { "aria-live": "off" });
      return { name, vector, control, shown, row: row(capital(name), control, shown) };
    });
    const level = () => sliders.forEach((s) => { s.control.value = 0; });
    const another = button("New font", () => { stop(); take({ seed: Math.floor(Math.random() * SEEDS) }); tell(""); });
    const reset = button("Reset", () => { stop(); ({ base, ends, grid, bred, chosen } = fresh()); level(); walk.value = 0; raise(); paintAll(); tell("All is as at first, but for your word."); });
    function take(next) { base = next; level(); change(); }
    function readText() {
      const read = L.readWord(word.value);
      text = read.word;
      said.textContent = read.said;
    }
    function tell(sentence) { told.textContent = sentence; }

    // Walk
    const walk = range(0, 1, 0.01, 0, () => { stop(); go(Number(walk.value)); }), walked = element("output", { "aria-live": "off" });
    const play = button("Play", () => playing ? stop() : begin());
    let playing = null;
    function go(t) {
      if (base.walk === undefined) level();
      base = { walk: t };
      change();
    }
    function stop() {
      if (playing === null) return;
      cancelAnimationFrame(playing.frame);
      clearTimeout(playing.timer);
      playing = null;
      play.textContent = "Play";
      change();
    }
    function begin() { // to B and back to A, until it is stopped; with less motion asked for, one still step a second
      const from = base.walk ?? Number(walk.value);
      playing = { way: from >= 1 ? -1 : 1, at: null };
      play.textContent = "Pause";
      const onward = (by) => {
        const t = Math.min(1, Math.max(0, (base.walk ?? from) + playing.way * by));
        if (t >= 1) playing.way = -1;
        if (t <= 0) playing.way = 1;
        walk.value = t;
        go(t);
      };
      if (still.matches) {
        const tick = () => { onward(0.1); playing.timer = setTimeout(tick, 1000); };
        playing.timer = setTimeout(tick, 0);
        return;
      }
      const frame = (now) => {
        if (playing.at !== null) onward(Math.min(0.05, (now - playing.at) / 1000 / SECONDS));
        if (!playing) return;
        playing.at = now;
        playing.frame = requestAnimationFrame(frame);
      };
      playing.frame = requestAnimationFrame(frame);
    }
    const places = Object.fromEntries(["a", "b"].map((end) => {
      const picture = element("canvas", { role: "img", class: "gan-line" }), letter = end.toUpperCase();
      const keep = button(`Keep this font as ${letter}`, () => {
        stop();
        const name = nameOf(), walking = base.walk !== undefined;
        ends[end] = name;
        if (walking) { walk.value = end === "a" ? 0 : 1; take({ walk: Number(walk.value) }); } else change(); // the font that is seen stays
        paintEnds();
        tell(`This font is now ${letter}.`);
      });
      return [end, { picture, box: element("div", { class: "gan-end" }, element("span", { class: "gan-letter", "aria-hidden": "true" }, letter), picture, keep) }];
    }));
    function paintEnds() {
      for (const [end, { picture }] of Object.entries(places)) {
        small(picture, fromName(ends[end]));
        picture.setAttribute("aria-label", `Font ${end.toUpperCase()}: ${SAMPLE.split("").join(" ")}`);
      }
    }

    // Breeding: press two fonts, then Breed
    const cells = Array.from({ length: L.SHOWN }, (_, i) => {
      const picture = element("canvas", { class: "gan-line" }), mark = element("span", {}, String(i + 1));
      const press = element("button", { type: "button", "aria-pressed": "false", click: () => pick(i) }, picture, mark);
      return { picture, mark, press };
    });
    function pick(i) {
      stop();
      if (chosen.includes(i)) chosen = chosen.filter((one) => one !== i);
      else {
        chosen = [...chosen, i].slice(-2);
        take({ code: L.encode(fonts[i]) });
      }
      mark();
      tell(chosen.length === 2 ? `Fonts ${chosen[0] + 1} and ${chosen[1] + 1} are chosen: press Breed.` : chosen.length ? `Font ${chosen[0] + 1} is chosen, and writes your word; choose a second one.` : "No font is chosen.");
    }
    function mark() {
      cells.forEach(({ press, mark }, i) => {
        const parent = bred.length && i < 2;
        press.setAttribute("aria-pressed", String(chosen.includes(i)));
        mark.textContent = `${i + 1}${parent ? ", parent" : ""}`;
        press.setAttribute("aria-label", `Font ${i + 1}${parent ? ", a parent of the others" : ""}`);
      });
      show();
    }
    const mate = button("Breed", () => {
      if (chosen.length < 2) return tell(chosen.length ? "Choose a second font first." : "Choose two fonts first.");
      if (bred.length === GENERATIONS) return tell(`After ${GENERATIONS} generations no link could tell them all: keep a font as A or B, or take twelve others.`);
      stop();
      const [i, j] = chosen;
      bred.push([i, j]);
      raise();
      chosen = [0, 1];
      paintGrid();
      mark();
      tell(`Ten children of fonts ${i + 1} and ${j + 1}; these two now stand first.`);
    });
    const others = button("Twelve other fonts", () => {
      stop();
      [grid, bred, chosen] = [Math.floor(Math.random() * 1000), [], []];
      raise();
      paintGrid();
      mark();
      tell("Twelve fonts by chance.");
    });
    let queue = null;
    function paintGrid() { // one after the other, so that the page goes on meanwhile
      clearTimeout(queue);
      if (!folds.breed.open) return;
      const next = (i) => {
        if (i === cells.length) return;
        small(cells[i].picture, fonts[i]);
        queue = setTimeout(next, 0, i + 1);
      };
      next(0);
    }
    function small(picture, z) {
      L.write(picture, L.makeFont(generator, z, 4), SAMPLE, { wide: 110, high: 40, largest: 1.4, smallest: 0.9, density: 2 });
    }

    // To take along
    const link = element("input", { type: "text", readonly: true, class: "gan-copy", focus: (event) => event.target.select() });
    const code = element("input", { type: "text", readonly: true, class: "gan-copy", focus: (event) => event.target.select() });
    const command = element("input", { type: "text", readonly: true, class: "gan-copy", focus: (event) => event.target.select() });
    async function copy(field, what) {
      try {
        await navigator.clipboard.writeText(field.value);
        tell(`${what} is copied.`);
      } catch { // a page from a file may not
        field.focus();
        tell(`${what} is marked; copy it with your device's command.`);
      }
    }
    function save() {
      const wide = 1200, edge = 40, { paper, ink } = window.GanSave.colours(), drawn = element("canvas", {}), picture = element("canvas", {});
      L.write(drawn, L.makeFont(generator, latent()), text, { wide: wide - 2 * edge, high: 700, largest: 12, density: 1 });
      const tinted = drawn.getContext("2d");
      tinted.globalCompositeOperation = "source-in"; // the letters take the page's colour of ink
      tinted.fillStyle = ink;
      tinted.fillRect(0, 0, drawn.width, drawn.height);
      const context = picture.getContext("2d"), small = "22px system-ui, sans-serif";
      context.font = small;
      const lines = window.GanSave.wrap(context, `Drawn by a generator from one latent vector; ${where()}.`, wide - 2 * edge);
      Object.assign(picture, { width: wide, height: drawn.height + 2 * edge + 32 * lines.length });
      context.fillStyle = paper;
      context.fillRect(0, 0, picture.width, picture.height);
      context.drawImage(drawn, edge, edge);
      context.fillStyle = ink;
      context.font = small;
      lines.forEach((line, i) => context.fillText(line, edge, drawn.height + edge + 32 * (i + 1)));
      const name = `${text.toLowerCase().replaceAll(" ", "-").slice(0, 40)}.png`;
      picture.toBlob((blob) => {
        if (!blob) return tell("The picture could not be made: the browser refused.");
        window.GanSave.hand(blob, name);
        tell(`Saved as ${name}.`);
      }, "image/png");
    }

    // ---- drawing ----
    let wanted = false, state = null;
    function change() { // once a frame, however fast a slider moves
      if (wanted) return;
      wanted = true;
      requestAnimationFrame(() => {
        wanted = false;
        try { draw(); } catch (error) { alertIn(root, error.message); }
      });
    }
    function where() {
      const from = base.walk !== undefined ? `${Math.round(100 * base.walk)} % of the way from font A to font B` : base.code ? "a font of its own" : `font number ${base.seed}`;
      const moved = sliders.filter((s) => Number(s.control.value)).map((s) => `${s.name} ${signed(s.control.value)}`);
      return [from, ...moved].join(", ");
    }
    function draw() {
      const z = latent(), phone = window.innerWidth <= 600, wide = Math.max(200, box.clientWidth);
      const font = L.makeFont(generator, z), laid = L.write(canvas, font, text, { wide, high: phone ? Math.max(120, 0.26 * window.innerHeight) : 230 });
      canvas.setAttribute("aria-label", `${text} in a generated font: ${where()}. ${Math.round(100 * font.ink())} % of the letters' squares are black.`);
      for (const { control, shown } of sliders) shown.textContent = signed(control.value);
      if (base.walk !== undefined) walk.value = base.walk;
      walked.textContent = `${Math.round(100 * walk.value)} %`;
      state = { word: text, latent: Array.from(z), lines: laid.lines, pictures: Object.fromEntries([...new Set(text.replaceAll(" ", ""))].map((c) => [c, Array.from(font.letter(c).values)])) };
      show();
    }
    function show() {
      if (playing) return; // fields that change sixty times a second help nobody
      code.value = L.encode(latent());
      command.value = `python -m gan_helpers.fonts --code ${code.value} --out my-font.ttf`;
      const about = address();
      link.value = `${location.href.split("#")[0]}#${about}`;
      if (location.hash.includes("=") && root.isConnected) history.replaceState(null, "", `#${about}`);
    }
    function paintAll() { change(); paintEnds(); paintGrid(); mark(); }

    // ---- links: #word=HELLO&seed=7&weight=1 and what else is not as at first ----
    function address() {
      const all = new URLSearchParams(), typed = L.readWord(word.value).typed;
      all.set("word", typed);
      if (base.walk !== undefined) all.set("walk", String(base.walk));
      else if (base.code) all.set("font", base.code);
      else all.set("seed", String(base.seed));
      for (const { name, control } of sliders) if (Number(control.value)) all.set(name, control.value);
      for (const end of ["a", "b"]) if (ends[end] !== FIRST[end]) all.set(end, ends[end]);
      if (grid !== FIRST.grid) all.set("grid", String(grid));
      if (bred.length) all.set("bred", bred.map(([i, j]) => `${i + 1}-${j + 1}`).join("."));
      if (chosen.length) all.set("chosen", chosen.map((i) => i + 1).join("-"));
      return all.toString();
    }
    function follow() {
      const all = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : ""), wrong = [];
      const read = (name, take) => { const value = all.get(name); if (value !== null && !take(value)) wrong.push(name); };
      const pair = (words) => { const two = /^(\d+)-(\d+)$/.exec(words)?.slice(1).map((n) => Number(n) - 1); return two && two[0] !== two[1] && two.every((i) => i >= 0 && i < L.SHOWN) ? two : null; };
      stop();
      ({ base, ends, grid, bred, chosen } = fresh());
      level();
      walk.value = 0;
      word.value = root.dataset.word || "";
      read("word", (value) => { word.value = value.slice(0, 20000); return true; });
      for (const end of ["a", "b"]) read(end, (value) => fromName(value) && (ends[end] = value));
      read("seed", (value) => /^\d{1,7}$/.test(value) && (base = { seed: Number(value) }));
      read("font", (value) => L.decode(value, generator.latent) && (base = { code: value }));
      read("walk", (value) => value !== "" && value >= 0 && value <= 1 && (base = { walk: Number(value) }));
      for (const { name, control } of sliders) {
        read(name, (value) => value !== "" && Math.abs(value) <= Number(control.max) && ((control.value = value), true));
      }
      read("grid", (value) => /^\d{1,4}$/.test(value) && ((grid = Number(value)), true));
      read("bred", (value) => { const pairs = value.split(".").map(pair); return pairs.every(Boolean) && pairs.length <= GENERATIONS && (bred = pairs); });
      read("chosen", (value) => { chosen = pair(value) || (/^(\d|1[0-2])$/.test(value) && value > 0 ? [value - 1] : []); return chosen.length; });
      for (const name of all.keys()) if (!["word", "a", "b", "seed", "font", "walk", "grid", "bred", "chosen", ...sliders.map((s) => s.name)].includes(name)) wrong.push(name || "an empty name");
      alertIn(root, wrong.length ? `The link holds something that this page does not know, for ${[...new Set(wrong)].slice(0, 6).join(", ").slice(0, 80)}; the usual stands in its place.` : "");
      if (base.walk !== undefined || all.has("a") || all.has("b")) folds.walk.open = true;
      if (["grid", "bred", "chosen"].some((name) => all.has(name))) folds.breed.open = true;
      raise();
      readText();
      paintAll();
    }

    // ---- the page ----
    const fold = (summary, ...inside) => element("details", {}, element("summary", {}, summary), ...inside);
    const buttons = (...all) => element("div", { class: "gan-buttons" }, ...all);
    const named = (text, field, ...press) => { const one = row(text, field, element("div", { class: "gan-buttons" }, ...press)); one.classList.add("gan-taken"); return one; };
    const folds = {
      walk: fold("Walk from one font to another", element("div", { class: "gan-ends" }, places.a.box, places.b.box), row("From A to B", walk, walked), buttons(play)),
      breed: fold("Breed fonts", element("p", { class: "gan-note" }, "Choose two fonts, then breed them: five children mix both, five take each latent number from one or the other, and all have a little that neither has."),
        element("div", { class: "gan-fonts", role: "group", "aria-label": "Twelve fonts" }, ...cells.map((c) => c.press)), buttons(mate, others)),
      take: fold("Take the font along", named("A link to all this", link, button("Copy the link", () => copy(link, "The link"))),
        named("The font's code", code, button("Copy the font's code", () => copy(code, "The font's code"))),
        named("A font file, by Python", command, button("Copy the command", () => copy(command, "The command")))),
    };
    folds.breed.addEventListener("toggle", paintGrid);
    root.classList.add("gan-letters");
    const header = document.querySelector(".bd-header-article"); // of the site: it stays at the top, the word below it
    if (header) root.style.setProperty("--gan-sticky-top", `${header.offsetHeight}px`);
    root.replaceChildren(
      element("div", { class: "gan-head" }, row("Your word", word), buttons(another, reset, button("Save a picture", save)), said),
      box, told,
      element("div", { class: "gan-hand" }, ...sliders.map((s) => s.row)),
      folds.walk, folds.breed, folds.take);
    if (!sliders.length) alertIn(root, "The measured directions could not be read; there are no sliders.");
    follow();
    const linked = location.hash.includes("=");
    if (linked) root.scrollIntoView();
    window.addEventListener("hashchange", () => { if (location.hash.includes("=")) follow(); }); // a second link on the page
    let width = box.clientWidth;
    new ResizeObserver(() => { if (box.clientWidth !== width) { width = box.clientWidth; change(); } }).observe(box);
    root.ganLetters = { generator, state: () => state, fonts: () => fonts.map((z) => Array.from(z)), ends: () => ["a", "b"].map((e) => Array.from(fromName(ends[e]))) };
  }

  start("letters", page);
})();

// Two pages that train a two-dimensional GAN before the reader's eyes: the playground, and the gallery of failures.
(function () {
  "use strict";
  const { alertIn, button, element, range, row, select, start } = window.GanDom;
  const { DEFAULTS, LATENT, LOSSES, makeGame, makeRandom, samplePoints, wassersteinDistance } = window.GanGame;
  const LIMIT = 3, SIZE = 480, CELLS = 30, SHOWN = 200, ARROWS = 50; // the board: its range, pixels, and what is drawn on it
  const SCORED = 128, SCORE_EVERY = 20, FRAME_BUDGET = 10; // points; steps; milliseconds of training in a frame

  const colours = () => document.documentElement.dataset.theme === "dark"
    ? { ground: "#14191d", ink: "#d8dee4", grid: "#333b42", real: "#5fb8ea", fake: "#ff9b57", pull: "#4fd3ac", sides: [[95, 184, 234], [255, 155, 87]] }
    : { ground: "#ffffff", ink: "#222832", grid: "#d5dbe0", real: "#0072b2", fake: "#b54e00", pull: "#00795a", sides: [[0, 114, 178], [213, 94, 0]] };

  // ---- the board: discriminator, points, arrows ----
  function makeBoard() {
    const canvas = element("canvas", { width: SIZE, height: SIZE, role: "img", class: "gan-board" });
    const cells = element("canvas", { width: CELLS, height: CELLS }), context = canvas.getContext("2d");
    const place = (x) => (x / LIMIT + 1) * SIZE / 2;

    function drawSurface(game, c) {
      const logits = game.surface(CELLS, LIMIT), small = cells.getContext("2d"), image = small.createImageData(CELLS, CELLS);
      let middle = 0, scale = 2; // a probability has a middle; a critic's score has only differences
      if (game.settings.loss.startsWith("wasserstein")) {
        middle = logits.reduce((a, b) => a + b, 0) / logits.length;
        scale = Math.max(1e-9, Math.sqrt(logits.reduce((a, b) => a + (b - middle) ** 2, 0) / logits.length));
      }
      if (game.settings.loss === "least-squares") [middle, scale] = [0.5, 0.5];
      logits.forEach((logit, i) => {
        const t = Math.tanh((logit - middle) / scale), [r, g, b] = c.sides[t > 0 ? 0 : 1];
        image.data.set([r, g, b, 150 * Math.abs(t)], 4 * i);
      });
      small.putImageData(image, 0, 0);
      context.drawImage(cells, 0, 0, SIZE, SIZE);
    }

    function draw(game, shown, options) {
      const c = colours();
      context.fillStyle = c.ground;
      context.fillRect(0, 0, SIZE, SIZE);
      if (options.surface) drawSurface(game, c);
      context.fillStyle = c.real;
      for (let k = 0; k < shown.real.length / 2; k++) {
        context.beginPath();
        context.arc(place(shown.real[2 * k]), SIZE - place(shown.real[2 * k + 1]), 2.6, 0, 7);
        context.fill();
      }
      const { fake, pull } = game.arrows(shown.z);
      context.strokeStyle = c.fake;
      context.lineWidth = 1.8;
      context.beginPath();
      for (let k = 0; k < fake.length / 2; k++) {
        const [x, y] = [place(fake[2 * k]), SIZE - place(fake[2 * k + 1])];
        context.moveTo(x - 3, y - 3); context.lineTo(x + 3, y + 3);
        context.moveTo(x - 3, y + 3); context.lineTo(x + 3, y - 3);
      }
      context.stroke();
      if (options.arrows) drawArrows(fake, pull, c);
    }

    function drawArrows(fake, pull, c) { // the longest has a fixed length, so that directions stay visible
      let longest = 1e-12;
      for (let k = 0; k < ARROWS; k++) longest = Math.max(longest, Math.hypot(pull[2 * k], pull[2 * k + 1]));
      context.strokeStyle = c.pull;
      context.beginPath();
      for (let k = 0; k < ARROWS; k++) {
        const [x, y] = [place(fake[2 * k]), SIZE - place(fake[2 * k + 1])];
        const [dx, dy] = [34 * pull[2 * k] / longest, -34 * pull[2 * k + 1] / longest];
        context.moveTo(x, y); context.lineTo(x + dx, y + dy);
        for (const turn of [2.6, -2.6]) {
          context.moveTo(x + dx, y + dy);
          context.lineTo(x + dx + 0.22 * (dx * Math.cos(turn) - dy * Math.sin(turn)), y + dy + 0.22 * (dx * Math.sin(turn) + dy * Math.cos(turn)));
        }
      }
      context.stroke();
    }

    function pointAt(event) {
      const box = canvas.getBoundingClientRect();
      return [LIMIT * (2 * (event.clientX - box.left) / box.width - 1), LIMIT * (1 - 2 * (event.clientY - box.top) / box.height)];
    }
    return { canvas, draw, pointAt };
  }

  // ---- a chart of a few lines; the numbers are in its text alternative as well ----
  function makeChart(title, names, { floor = null, top: highest = null, log = false } = {}) {
    const canvas = element("canvas", { width: 480, height: 150, role: "img", class: "gan-chart" });
    const figure = element("figure", { class: "gan-chart-box" }, element("figcaption", {}, title), canvas);
    let steps = [], values = names.map(() => []);
    const shape = (v) => log ? Math.log10(Math.max(v, 1e-9)) : v;
    const text = (v) => Math.abs(v) >= 100 || (v !== 0 && Math.abs(v) < 0.01) ? v.toExponential(0) : String(Number(v.toPrecision(2)));

    function add(step, numbers) {
      steps.push(step);
      numbers.forEach((v, i) => values[i].push(v));
      if (steps.length > 600) { // keep every second
        steps = steps.filter((_, i) => i % 2 === 0);
        values = values.map((line) => line.filter((_, i) => i % 2 === 0));
      }
    }
    function draw() {
      const c = colours(), context = canvas.getContext("2d"), [left, right, top, bottom] = [62, 474, 8, 140];
      context.fillStyle = c.ground;
      context.fillRect(0, 0, 480, 150);
      if (!steps.length) return;
      const all = values.flat().map(shape).filter(Number.isFinite);
      if (floor !== null) all.push(0);
      if (highest !== null) all.push(highest);
      if (!all.length) return;
      let [low, high] = [Math.min(...all), Math.max(...all)];
      if (high - low < 1e-9) [low, high] = [low - 0.5, high + 0.5];
      const y = (v) => bottom - (bottom - top) * (shape(v) - low) / (high - low);
      const x = (s) => left + (right - left) * (s - steps[0]) / Math.max(1, steps[steps.length - 1] - steps[0]);
      context.font = "20px system-ui, sans-serif";
      context.fillStyle = c.ink;
      context.textAlign = "right";
      const back = (v) => log ? 10 ** v : v;
      context.fillText(text(back(high)), left - 5, top + 15);
      context.fillText(text(back(low)), left - 5, bottom);
      context.strokeStyle = c.grid;
      context.strokeRect(left, top, right - left, bottom - top);
      values.forEach((line, i) => {
        context.strokeStyle = [c.pull, c.fake, c.real][names.length === 1 ? 2 : i];
        context.setLineDash(i === 1 ? [5, 3] : []);
        context.lineWidth = 1.8;
        context.beginPath();
        line.forEach((v, k) => context.lineTo(x(steps[k]), y(v)));
        context.stroke();
      });
      context.setLineDash([]);
      if (floor !== null) {
        context.strokeStyle = c.ink;
        context.lineWidth = 1;
        context.beginPath();
        context.moveTo(left, y(floor)); context.lineTo(right, y(floor));
        context.stroke();
      }
      const now = values.map((line, i) => `${names[i]} ${text(line[line.length - 1])}`).join(", ");
      canvas.setAttribute("aria-label", `${title} at step ${steps[steps.length - 1]}: ${now}`);
    }
    function clear(newFloor = floor) { steps = []; values = names.map(() => []); floor = newFloor; draw(); canvas.setAttribute("aria-label", title); }
    canvas.setAttribute("aria-label", title);
    return { add, clear, draw, figure };
  }

  // ---- what both pages share: a game, its board, and the loop that runs it ----
  function makeTheatre(root, { measured, options, speed }) {
    const board = makeBoard();
    const theatre = { board, game: null, running: false, frames: 0, trained: 0, restart, advance, toggle, redraw };
    const runButton = button("Run", toggle), stepButton = button("One step", () => { pause(); advance(1); });
    theatre.buttons = [runButton, stepButton];
    let shown = null;

    function restart(settings) {
      alertIn(root, "");
      const random = makeRandom(settings.seed + 4242);
      theatre.game = makeGame(settings);
      shown = { z: random.normals(SHOWN * LATENT),
                real: theatre.game.pool || samplePoints(settings.data, SHOWN, random, settings.own) };
      score();
      redraw();
    }
    function score() {
      const scores = theatre.game.scores(SCORED);
      measured(theatre.game, scores);
      const { covered, modes, good } = scores.coverage || {};
      board.canvas.setAttribute("aria-label", `Step ${theatre.game.steps}. Real points in blue, generated points in orange. ` +
        (scores.coverage ? `${covered} of ${modes} modes covered, ${Math.round(100 * good)} % of the points on a mode. ` : "") +
        `Wasserstein distance ${scores.w1.toFixed(2)}.`);
    }
    function advance(most, until = Infinity) { // at least one step; a loss that is no number stops the show, in words
      try {
        for (let k = 0; k < most && (k === 0 || performance.now() < until); k++) {
          theatre.game.step();
          theatre.trained += 1;
          if (theatre.game.steps % SCORE_EVERY === 0) score();
        }
      } catch (error) {
        pause();
        alertIn(root, `${error.message} Then start again.`);
      }
      redraw();
    }
    function redraw() {
      board.draw(theatre.game, shown, options());
      theatre.frames += 1;
    }
    function frame() {
      if (!theatre.running || !root.isConnected) return;
      advance(speed(), performance.now() + FRAME_BUDGET);
      requestAnimationFrame(frame);
    }
    function pause() { theatre.running = false; runButton.textContent = "Run"; }
    function toggle() {
      if (theatre.running) return pause();
      theatre.running = true;
      runButton.textContent = "Pause";
      requestAnimationFrame(frame);
    }
    new MutationObserver(() => theatre.game && redraw()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return theatre;
  }

  // ---- settings and their link ----
  const NAMES = {
    data: [["ring", "Ring of eight"], ["grid", "Grid of twenty-five"], ["roll", "Swiss roll"], ["moons", "Two moons"], ["own", "Draw your own"]],
    loss: [["saturating", "Saturating (minimax)"], ["non-saturating", "Non-saturating"], ["least-squares", "Least squares"],
           ["wasserstein-clip", "Wasserstein, weights clipped"], ["wasserstein-gp", "Wasserstein, gradient penalty"]],
    beta1: [["0", "0"], ["0.5", "0.5"], ["0.9", "0.9"]],
  };
  const RATES = [0.0002, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016];
  const START = { ...DEFAULTS, rateD: 0.004, rateG: 0.002 };
  const SUITS = (loss) => loss.startsWith("wasserstein") ? { rateD: 0.002, rateG: 0.001, stepsD: 3, beta1: 0 }
                                                         : { rateD: 0.004, rateG: 0.002, stepsD: 1, beta1: 0.5 };
  const MOST_POINTS = 200, GRAIN = 255 / (2 * LIMIT);

  function linkOf(s) {
    const parts = new URLSearchParams({ data: s.data, loss: s.loss, rateD: s.rateD, rateG: s.rateG, stepsD: s.stepsD, beta1: s.beta1, seed: s.seed });
    if (s.data === "own") {
      const bytes = s.own.flat().map((v) => Math.round((v + LIMIT) * GRAIN));
      parts.set("points", btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""));
    }
    return "#" + parts;
  }
  // Returns settings and what was wrong with the link, in words; a wrong part falls back to the default.
  function readLink(hash) {
    const settings = { ...START, own: [] }, wrong = [], wanted = new URLSearchParams(hash.replace(/^#/, ""));
    const rules = {
      data: (v) => NAMES.data.some(([k]) => k === v) ? v : null, loss: (v) => LOSSES[v] ? v : null,
      rateD: (v) => Number(v) > 0 && Number(v) <= 1 ? Number(v) : null, rateG: (v) => Number(v) > 0 && Number(v) <= 1 ? Number(v) : null,
      stepsD: (v) => /^[1-5]$/.test(v) ? Number(v) : null, beta1: (v) => ["0", "0.5", "0.9"].includes(v) ? Number(v) : null,
      seed: (v) => /^\d{1,9}$/.test(v) ? Number(v) : null,
      points: (v) => {
        try {
          const bytes = [...atob(v.replaceAll("-", "+").replaceAll("_", "/"))].map((c) => c.charCodeAt(0) / GRAIN - LIMIT);
          if (bytes.length % 2 || bytes.length > 2 * MOST_POINTS) return null;
          return bytes.filter((_, i) => i % 2 === 0).map((x, k) => [x, bytes[2 * k + 1]]);
        } catch { return null; }
      },
    };
    for (const [name, value] of wanted) {
      if (!rules[name]) continue; // an anchor of the page, or a word of another age
      const read = rules[name](value);
      if (read === null) wrong.push(name);
      else settings[name === "points" ? "own" : name] = read;
    }
    return { settings, wrong };
  }

  // ---- the playground ----
  function playground(root) {
    let { settings, wrong } = readLink(location.hash);
    const losses = makeChart("Losses: discriminator (solid), generator (dashed)", ["discriminator", "generator"]);
    const distance = makeChart("Wasserstein distance; the level line is what two real samples have", ["distance"], { floor: 0 });
    const modes = makeChart("Modes covered", ["modes"], { floor: 0, top: 1 });
    const words = element("p", { class: "gan-status" });
    let since = { time: 0, trained: 0 };
    const theatre = makeTheatre(root, {
      speed: () => Number(controls.speed.value),
      options: () => ({ surface: controls.surface.checked, arrows: controls.arrows.checked }),
      measured(game, scores) {
        if (game.steps) losses.add(game.steps, [game.lossD, game.lossG]);
        distance.add(game.steps, [scores.w1]);
        if (scores.coverage) modes.add(game.steps, [scores.coverage.covered]);
        for (const chart of [losses, distance, modes]) chart.draw();
        modes.figure.hidden = !scores.coverage;
        const c = scores.coverage, now = performance.now(), pace = 1000 * (theatre.trained - since.trained) / (now - since.time);
        words.textContent = `Step ${game.steps}` + (c ? ` · ${c.covered} of ${c.modes} modes, ${Math.round(100 * c.good)} % of points on one` : "") +
          ` · Wasserstein distance ${scores.w1.toFixed(2)}` + (theatre.running && now > since.time + 300 ? ` · ${Math.round(pace)} steps a second` : "");
        if (now > since.time + 1500) since = { time: now, trained: theatre.trained };
      },
    });

    const output = (text) => element("output", {}, text);
    const controls = {
      data: select(NAMES.data, settings.data, () => change({ data: controls.data.value }, true)),
      loss: select(NAMES.loss, settings.loss, () => change({ loss: controls.loss.value }, true)),
      rateD: range(0, RATES.length - 1, 1, 0, () => change({ rateD: RATES[controls.rateD.value] })),
      rateG: range(0, RATES.length - 1, 1, 0, () => change({ rateG: RATES[controls.rateG.value] })),
      stepsD: range(1, 5, 1, 1, () => change({ stepsD: Number(controls.stepsD.value) })),
      beta1: select(NAMES.beta1, String(settings.beta1), () => change({ beta1: Number(controls.beta1.value) })),
      seed: element("input", { type: "number", min: 0, max: 999999999, step: 1, value: settings.seed, change: newSeed }),
      speed: range(1, 10, 1, 3, () => {}),
      surface: element("input", { type: "checkbox", checked: true, input: () => theatre.redraw() }),
      arrows: element("input", { type: "checkbox", checked: true, input: () => theatre.redraw() }),
    };
    const shownRate = { rateD: output(""), rateG: output(""), stepsD: output("") };
    const link = element("input", { type: "text", readonly: true, focus: () => link.select(), "aria-label": "Link to these settings" });
    const said = element("span", { role: "status" });
    const hint = element("p", { class: "gan-hint", hidden: true },
      "Click or drag on the board to put points there; with the board in focus, arrow keys move a mark and space puts a point. ",
      button("Clear my points", () => change({ own: [] }, true)));

    function newSeed() {
      const seed = Number(controls.seed.value);
      if (!(Number.isInteger(seed) && seed >= 0 && seed <= 999999999 && controls.seed.value !== "")) {
        alertIn(root, `A seed is a whole number from 0 to 999999999, but "${controls.seed.value}" came.`);
        controls.seed.value = settings.seed;
      } else change({ seed }, true);
    }
    function begin() {
      const random = makeRandom(7), sample = () => samplePoints(settings.data, SCORED, random, settings.own);
      losses.clear();
      distance.clear(wassersteinDistance(sample(), sample()));
      modes.clear();
      since = { time: performance.now(), trained: theatre.trained };
      theatre.restart(settings);
    }
    function show() { // controls follow the settings
      for (const name of ["data", "loss", "beta1", "stepsD", "seed"]) controls[name].value = String(settings[name]);
      for (const name of ["rateD", "rateG"]) {
        const nearest = RATES.reduce((best, r, i) => Math.abs(Math.log(r / settings[name])) < Math.abs(Math.log(RATES[best] / settings[name])) ? i : best, 0);
        controls[name].value = nearest;
        shownRate[name].textContent = settings[name];
        controls[name].setAttribute("aria-valuetext", settings[name]);
      }
      shownRate.stepsD.textContent = settings.stepsD;
      hint.hidden = settings.data !== "own";
      theatre.board.canvas.tabIndex = settings.data === "own" ? 0 : -1;
      theatre.board.canvas.classList.toggle("gan-drawable", settings.data === "own");
      const hash = linkOf(settings);
      link.value = location.href.split("#")[0] + hash;
      return hash;
    }
    function change(what, again = false) {
      settings = { ...settings, ...what };
      history.replaceState(null, "", show());
      said.textContent = "";
      if (again) begin();
      else Object.assign(theatre.game.settings, what);
    }

    // Draw one's own points: pointer or keys.
    let cursor = [0, 0], drawing = false;
    function put(point) {
      if (settings.own.length >= MOST_POINTS) return alertIn(root, `There is room for ${MOST_POINTS} points; clear some first.`);
      if (point.some((v) => Math.abs(v) > LIMIT)) return;
      change({ own: [...settings.own, point] }, true);
    }
    const { canvas } = theatre.board;
    canvas.addEventListener("pointerdown", (e) => { if (settings.data === "own") { drawing = true; canvas.setPointerCapture(e.pointerId); put(theatre.board.pointAt(e)); } });
    canvas.addEventListener("pointermove", (e) => {
      const last = settings.own[settings.own.length - 1], point = theatre.board.pointAt(e);
      if (drawing && Math.hypot(point[0] - last[0], point[1] - last[1]) > 0.15) put(point);
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { drawing = false; });
    canvas.addEventListener("keydown", (e) => {
      if (settings.data !== "own") return;
      const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[e.key];
      if (move) cursor = cursor.map((v, i) => Math.max(-2.9, Math.min(2.9, v + 0.2 * move[i])));
      else if (e.key === " ") put(cursor);
      else return;
      e.preventDefault();
      theatre.redraw();
      const context = canvas.getContext("2d"), [x, y] = [(cursor[0] / LIMIT + 1) * SIZE / 2, (1 - cursor[1] / LIMIT) * SIZE / 2];
      context.strokeStyle = colours().ink;
      context.strokeRect(x - 7, y - 7, 14, 14);
    });
    addEventListener("hashchange", () => {
      if (!location.hash.includes("=")) return;
      ({ settings, wrong } = readLink(location.hash));
      show();
      begin();
      complain();
    });
    function complain() {
      if (wrong.length) alertIn(root, `The link holds a value that this page does not know, for ${wrong.join(", ")}; the usual one stands in its place.`);
    }
    async function copy() {
      try {
        await navigator.clipboard.writeText(link.value);
        said.textContent = " Copied.";
      } catch { // a page from a file may not
        link.focus();
        said.textContent = " Copy the marked text.";
      }
    }

    const check = (box, text) => element("label", { class: "gan-check" }, box, ` ${text}`);
    const panel = element("div", { class: "gan-controls" },
      element("div", { class: "gan-buttons" }, ...theatre.buttons, button("Start again", begin)),
      row("Data", controls.data), hint, row("Loss", controls.loss),
      row("Learning rate of D", controls.rateD, shownRate.rateD), row("Learning rate of G", controls.rateG, shownRate.rateG),
      row("Steps of D for one of G", controls.stepsD, shownRate.stepsD), row("Momentum (Adam's β₁)", controls.beta1),
      element("div", { class: "gan-buttons" }, button("Settings that suit this loss", () => change(SUITS(settings.loss)))),
      row("Seed", controls.seed), row("Speed: steps a frame", controls.speed),
      check(controls.surface, "what D thinks (blue: real, orange: fake)"), check(controls.arrows, "where G's loss pulls (green)"),
      element("div", { class: "gan-link" }, link, button("Copy link", copy), said));
    const charts = element("div", { class: "gan-charts" }, losses.figure, distance.figure, modes.figure);
    show();
    begin();
    root.replaceChildren(element("div", { class: "gan-stage" }, canvas, words), panel, charts);
    complain();
    root.ganTheatre = theatre;
  }

  // ---- the gallery of failures ----
  const DISEASES = {
    collapse: {
      name: "Mode collapse", sick: { rateD: 0.004, rateG: 0.0004, stepsD: 2 }, cure: { r1: 0.3 },
      cause: "A D that is far ahead: ten times G's learning rate (0.004 against 0.0004), and two steps for each of G's.",
      watch: "More and more samples sit right on a mode, and there are few such modes: the others are lost. D's loss stays far below 1.386: D knows which modes G never draws.",
      remedy: "R1, a penalty on the slope of D at real points, and nothing else. A gentler slope reaches as far as the samples and pulls them to lost modes: within some 2,000 steps most of them are covered again.",
      wait: "Waiting does not help: we watched 5,000 steps with seeds 1, 2 and 3, and in the second half at most four of the eight modes were covered.",
      chart: ["Modes covered, of eight", ["modes"], { floor: 0, top: 8 }], symptom: (s) => [s.coverage.covered],
    },
    vanishing: {
      name: "Vanishing gradient",
      sick: { loss: "saturating", plain: true, offset: 2.4, warmup: 2000, rateD: 0.001, rateG: 0.005 }, cure: { loss: "non-saturating" },
      cause: "Four things together: the saturating loss; plain gradient descent for G; a start far from the data; and a D that had 2,000 steps alone before G moved.",
      watch: "D is sure, its logit at the samples far below zero, and the loss is flat there: the samples stand still, step after step.",
      remedy: "Change the loss to the non-saturating one, nothing else. The samples set off at once. (Adam would hide the disease: it divides a gradient by its own size.) What comes after is a game of plain steps against a D that is ahead: it may well lose modes.",
      wait: "Waiting does not help: we watched 5,000 steps with seeds 1, 2 and 3, and the samples had come nearer by less than a tenth of the way.",
      chart: ["Size of the gradient at the samples (logarithmic)", ["gradient"], { log: true }],
      symptom: (s, game) => {
        const { pull } = game.arrows(makeRandom(9).normals(200 * LATENT));
        return [Math.sqrt(pull.reduce((sum, v) => sum + v * v, 0) / 200)];
      },
    },
    oscillation: {
      name: "Oscillation", sick: { data: "blob", beta1: 0.9, rateD: 0.01, rateG: 0.01 }, cure: { beta1: 0 },
      cause: "Momentum, β₁ = 0.9 for both players, at high learning rates. The data is a single Gaussian at (1, 1).",
      watch: "The clump of samples flies past its goal, is pulled back, and flies past again.",
      remedy: "No momentum, and nothing else: the learning rates stay as high as they are.",
      wait: "Waiting does not help: over 5,000 steps with seeds 1, 2 and 3 the clump shrinks and comes to sit near the goal, is flung away now and then, and never takes the data's shape.",
      chart: ["Mean of the samples: across (solid), up (dashed); the data's is 1, the level line", ["across", "up"], { floor: 1 }],
      symptom: (s) => s.centre,
    },
    memorising: {
      name: "Memorising discriminator", sick: { data: "moons", pool: 12, stepsD: 3, rateD: 0.004, rateG: 0.001 }, cure: { pool: 0 },
      cause: "Only twelve real points, seen again and again. They are drawn; the distribution behind them has the shape of two moons.",
      watch: "Take one of its twelve points and a new point from the same moons: D mostly gives the known one the higher logit. It knows its points by heart, and drives G to them.",
      remedy: "More data, and nothing else: from here on every batch is new.",
      wait: "Waiting does not help: after 5,000 steps with seeds 1, 2 and 3 it still remembered its points.",
      chart: ["How often D ranks one of its twelve points above a new real point (level line: one half, a coin)", ["share"], { floor: 0.5, top: 1 }],
      symptom: (s) => [s.remembers],
    },
  };

  function gallery(root) {
    let disease, cured, chart;
    const chartPlace = element("div", { class: "gan-charts" }), story = element("div", { class: "gan-story", "aria-live": "polite" });
    const words = element("p", { class: "gan-status" });
    const theatre = makeTheatre(root, {
      speed: () => 3, options: () => ({ surface: true, arrows: true }),
      measured(game, scores) {
        const numbers = disease.symptom(scores, game);
        chart.add(game.steps, numbers);
        chart.draw();
        root.ganSymptom = numbers;
        words.textContent = `Step ${game.steps}, ${cured ? "cured" : "sick"} · Wasserstein distance ${scores.w1.toFixed(2)}`;
      },
    });
    const choice = select(Object.entries(DISEASES).map(([k, d]) => [k, d.name]), "collapse", begin);
    const seed = element("input", { type: "number", min: 0, max: 999999999, step: 1, value: 1, change: begin });
    const cureButton = button("Apply the cure", cure);

    function tell() {
      const line = (title, text) => element("p", {}, element("strong", {}, `${title} `), text);
      story.replaceChildren(line("The cause.", disease.cause), line("Watch.", disease.watch),
        ...(cured ? [line("The cure.", disease.remedy), line("And waiting?", disease.wait)] : []));
    }
    function begin() {
      if (!/^\d{1,9}$/.test(seed.value)) {
        alertIn(root, `A seed is a whole number from 0 to 999999999, but "${seed.value}" came.`);
        seed.value = 1;
        return;
      }
      [disease, cured] = [DISEASES[choice.value], false];
      chart = makeChart(...disease.chart);
      chartPlace.replaceChildren(chart.figure);
      cureButton.disabled = false;
      theatre.restart({ ...DEFAULTS, ...disease.sick, seed: Number(seed.value) });
      tell();
    }
    function cure() {
      cured = true;
      cureButton.disabled = true;
      Object.assign(theatre.game.settings, disease.cure);
      tell();
    }
    begin();
    root.replaceChildren(element("div", { class: "gan-stage" }, theatre.board.canvas, words),
      element("div", { class: "gan-controls" }, row("Disease", choice), row("Seed", seed),
        element("div", { class: "gan-buttons" }, ...theatre.buttons, cureButton, button("Start again", begin)), story, chartPlace));
    root.ganTheatre = theatre;
  }

  window.GanPlayground = { DISEASES, START, SUITS, linkOf, readLink };
  start("playground", playground);
  start("failure-gallery", gallery);
})();

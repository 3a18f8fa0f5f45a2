// The page on which a two-dimensional GAN trains: settings, boards, charts.
(function () {
  "use strict";
  const { alertIn, button, element, range, row, select, start } = window.GanDom;
  const { CENTRES, makeRandom, samplePoints, wassersteinDistance } = window.GanGame;
  const { AGAIN, LABELS, LIMIT, MOST_POINTS, NAMES, PRESETS, RATES, SHOWS, SUITS, games, linkOf, preset, readLink } = window.GanPlayground;
  const { framed, makeTheatre } = window.GanTheatre;
  const SCORED = 128;
  const SHOW_WORDS = { surface: "what D thinks", fabric: "G's fabric", real: "real points", fake: "generated points", arrows: "where G's loss pulls" };
  const PART_WORDS = window.GanParts.NAMES;

  const nearestRate = (rate) => RATES.reduce((best, r, i) => Math.abs(Math.log(r / rate)) < Math.abs(Math.log(RATES[best] / rate)) ? i : best, 0);
  const wordFor = (name, value) => (NAMES[name].find(([k]) => k === String(value)) || [0, String(value)])[1];

  function playground(root) {
    const compact = root.dataset.ganCompact; // a link: within a page of text stand the board and one chart alone
    let { settings, wrong } = readLink(compact ?? location.hash);
    let since = { time: 0, trained: 0 }, changed = [], pace = null, latest = []; // steps of changes that the link does not know; steps a second; scores

    // ---- charts ----
    const [losses, distance, modes] = window.GanRunChart.together((moved) => [
      window.GanRunChart.makeRunChart("Losses", { moved }),
      window.GanRunChart.makeRunChart("Wasserstein distance", { moved, range: [0] }),
      window.GanRunChart.makeRunChart("Modes covered", { moved })]);
    const charts = [losses, distance, modes];
    const players = () => settings.race ? games(settings).map((s) => wordFor(settings.race.name, s[settings.race.name])) : [""];
    function linesOf(names) { // of both games: the second dashed, with what it has in place of the first one's
      return players().flatMap((who, k) => names.map(([name, kind]) => ({ name: who ? (names.length > 1 ? `${name}, ${k ? "2nd" : "1st"}` : k ? "2nd" : "1st") : name, kind: k && names.length === 1 ? "extra" : kind, dash: k ? "6 3" : null })));
    }

    // ---- the theatre ----
    const words = [0, 1].map(() => element("p", { class: "gan-status" })), titles = [0, 1].map(() => element("p", { class: "gan-seat-title" }));
    const theatre = makeTheatre(root, {
      speed: () => settings.speed, show: () => settings.show, drawn,
      named: (k) => settings.race ? `${k ? "Second" : "First"} game, ${LABELS[settings.race.name]} ${players()[k]}. ` : "",
      measured({ games: all, running }, scores) {
        const { steps } = all[0], coverage = scores[0].coverage;
        losses.add(steps, all.flatMap((game) => [game.lossD, game.lossG]));
        distance.add(steps, scores.map((s) => s.w1));
        if (coverage) modes.add(steps, scores.map((s) => s.coverage.covered));
        modes.figure.hidden = !coverage;
        for (const chart of charts) chart.draw();
        const now = performance.now();
        pace = running && now > since.time + 300 ? 1000 * (theatre.trained - since.trained) / (now - since.time) : null;
        latest = scores;
        if (now > since.time + 1500) since = { time: now, trained: theatre.trained };
      },
    });
    function tell({ games: all, running, scored }) { // the step of the board; the scores, with their own step where it may be another
      latest.forEach((s, k) => {
        const c = s.coverage, says = (name, value) => element("output", { name, "aria-live": "off" }, value);
        words[k].replaceChildren("Step ", says("step", all[k].steps), running || all[k].steps !== scored ? ` · at step ${scored}: ` : " · ",
          ...(c ? [says("modes", c.covered), ` of ${c.modes} modes, `, says("good", `${Math.round(100 * c.good)} %`), " of points on one · "] : []),
          "Wasserstein distance ", says("w1", s.w1.toFixed(2)),
          ...(s.off > 20 ? [` · ${s.off} of 200 drawn points are off the board`] : []),
          ...(k === 0 && running && pace !== null ? [` · ${Math.round(pace)} steps a second`] : []));
      });
    }
    function drawn() {
      tell(theatre);
      if (!theatre.part) partSaid(""); // the board has gone on
      saver.film();
      if (settings.data === "own" && canvas.matches(":focus-visible")) theatre.board.mark(cursor);
    }
    const { canvas } = theatre.board;
    const partButton = button("Next part", nextPart), partWords = element("p", { class: "gan-part-words", "aria-live": "polite" });
    const partList = element("ol", { class: "gan-parts" }, ...PART_WORDS.map(([, text]) => element("li", {}, text)));
    const partPlace = element("div", { hidden: true }, partList, partWords), news = element("p", { class: "gan-news", role: "status" });
    const saver = window.GanSave.makeSaver(() => ({
      boards: theatre.games.map((_, k) => theatre.boards[k].canvas), charts, name: `gan-${settings.data}-seed-${settings.seed}-step-${theatre.game.steps}`,
      words: [inWords(), ...theatre.games.map((_, k) => `${titles[k].textContent} ${words[k].textContent}`.trim())],
    }));

    function inWords() { // the settings, for a saved picture
      return `${wordFor("data", settings.data)} · ${wordFor("loss", settings.loss)} · learning rates D ${settings.rateD}, G ${settings.rateG} · ` +
        `${settings.stepsD} ${settings.stepsD > 1 ? "steps" : "step"} of D for one of G · momentum ${settings.beta1} · ${settings.latent} latent numbers · seed ${settings.seed}` + (changed.length ? ` · changed at ${stepsOf(changed)}` : "");
    }
    const stepsOf = (all) => `${all.length > 1 ? "steps" : "step"} ${all.join(", ")}`;
    function nextPart() {
      const said = theatre.nextPart();
      if (said) partSaid(said + (settings.race && theatre.part.part.name !== "moveG" ? " The second game takes its step when this one is done." : ""));
    }
    function partSaid(sentence) { // none: no part is on the board
      if (!sentence && partPlace.hidden) return;
      partPlace.hidden = !sentence;
      partWords.textContent = sentence;
      [...partList.children].forEach((item, i) => {
        if (sentence && PART_WORDS[i][0] === theatre.part.part.name) item.setAttribute("aria-current", "step");
        else item.removeAttribute("aria-current");
      });
    }

    // ---- controls ----
    const output = () => element("output", { "aria-live": "off" }), box = (name) => element("input", { type: "checkbox", input: () => change({ show: SHOWS.filter((s) => boxes[s].checked) }) });
    const rateRange = (name) => range(0, RATES.length - 1, 1, 0, () => change({ [name]: RATES[controls[name].value] }));
    const number = (name, control) => change({ [name]: Number(control.value) });
    const controls = {
      data: select(NAMES.data, "", () => change({ data: controls.data.value })), loss: select(NAMES.loss, "", () => change({ loss: controls.loss.value })),
      rateD: rateRange("rateD"), rateG: rateRange("rateG"), stepsD: range(1, 5, 1, 1, () => number("stepsD", controls.stepsD)),
      beta1: select(NAMES.beta1, "", () => number("beta1", controls.beta1)), latent: select(NAMES.latent, "", () => number("latent", controls.latent)),
      seed: element("input", { type: "number", min: 0, max: 999999999, step: 1, inputmode: "numeric", change: newSeed }),
      speed: range(1, 10, 1, 3, () => number("speed", controls.speed)),
    };
    const boxes = Object.fromEntries(SHOWS.map((name) => [name, box(name)]));
    const values = { rateD: output(), rateG: output(), stepsD: output(), speed: output() };
    const raceBox = element("input", { type: "checkbox", input: () => change({ race: raceBox.checked ? { name: "loss", value: otherValue("loss") } : null }) });
    const raceName = select(Object.entries(LABELS), "loss", () => change({ race: { name: raceName.value, value: otherValue(raceName.value) } }));
    const raceValue = select([], "", () => {
      const found = raceOptions().find(([k]) => k === raceValue.value)[0];
      change({ race: { name: settings.race.name, value: settings.race.name === "loss" ? found : Number(found) } });
    });
    const link = element("input", { type: "text", readonly: true, focus: () => link.select(), "aria-label": "Link to these settings" });
    const said = element("span", { role: "status" }), [fabricNote, raceNote] = [0, 1].map(() => element("p", { class: "gan-small" }));
    const hint = element("p", { class: "gan-hint", hidden: true },
      "Click or drag on the board to put points there; with the board in focus, arrow keys move a mark and space puts a point. ",
      button("Clear my points", () => change({ own: [] })));
    const presetButtons = Object.entries(PRESETS).map(([key, { name }]) => button(name, () => setUp(key)));

    function raceOptions() { // what the second game may have in place of the first one's value
      const { name } = settings.race, options = NAMES[name].filter(([k]) => k !== String(settings[name]));
      const own = String(settings.race.value);
      return options.some(([k]) => k === own) ? options : [...options, [own, wordFor(name, own)]];
    }
    function otherValue(name) {
      const liked = { loss: "saturating", rateD: 0.001, rateG: 0.008, stepsD: 5, beta1: 0.9, latent: 2, seed: settings.seed + 1 }[name];
      const [other] = NAMES[name].find(([k]) => k !== String(settings[name]));
      const value = liked === settings[name] ? other : liked;
      return name === "loss" ? value : Number(value);
    }
    function newSeed() {
      const seed = Number(controls.seed.value);
      if (!(Number.isInteger(seed) && seed >= 0 && seed <= 999999999 && controls.seed.value !== "")) {
        alertIn(root, `A seed is a whole number from 0 to 999999999, but "${controls.seed.value}" came.`);
        controls.seed.value = settings.seed;
      } else change({ seed });
    }
    function setUp(key) {
      settings = { ...preset(key), own: settings.own };
      keep(show());
      begin();
    }
    function begin() {
      const random = makeRandom(7), sample = () => samplePoints(settings.data, SCORED, random, settings.own);
      changed = [];
      losses.clear(linesOf([["D", "disc"], ["G", "fake"]]));
      distance.clear(linesOf([["distance", "real"]]), { level: wassersteinDistance(sample(), sample()) });
      modes.clear(linesOf([["modes", "real"]]), { range: [0, (CENTRES[settings.data] || []).length] });
      since = { time: performance.now(), trained: theatre.trained };
      news.classList.remove("gan-changed");
      news.textContent = settings.preset ? `${PRESETS[settings.preset].ask} Predict, then press Run.` : "";
      theatre.restart(games(settings));
    }
    function show() { // controls follow the settings; returns their link
      for (const name of ["data", "loss", "beta1", "latent", "stepsD", "seed", "speed"]) controls[name].value = String(settings[name]);
      for (const name of ["rateD", "rateG"]) {
        controls[name].value = nearestRate(settings[name]);
        controls[name].setAttribute("aria-valuetext", settings[name]);
      }
      for (const [name, shown] of Object.entries(values)) shown.textContent = settings[name];
      for (const name of SHOWS) boxes[name].checked = settings.show.includes(name);
      const { race } = settings;
      raceBox.checked = Boolean(race);
      raceRow.hidden = !race;
      if (race) {
        raceName.value = race.name;
        raceValue.replaceChildren(...raceOptions().map(([value, text]) => element("option", { value }, text)));
        raceValue.value = String(race.value);
      }
      raceNote.textContent = race && String(settings[race.name]) === String(race.value) ? `No difference is left: both games have the same ${LABELS[race.name]}. Choose another for the second.` : "";
      raceNote.hidden = !raceNote.textContent;
      root.classList.toggle("gan-race", Boolean(race));
      titles.forEach((title, k) => { title.textContent = race ? `${k ? "2nd" : "1st"}: ${race.name === "loss" ? "" : `${LABELS[race.name]} `}${players()[k]}` : ""; });
      seats[1].hidden = words[1].hidden = !race;
      const latent = games(settings).map((one) => one.latent), whole = "the fabric is the whole latent plane, out to 2.5", cut = "the fabric is the plane of the first two, the others at 0";
      fabricNote.textContent = !settings.show.includes("fabric") ? "" : (latent.length > 1 && latent[0] !== latent[1]
        ? `With 2 latent numbers ${whole}; with 4, ${cut}.`
        : latent[0] === 2 ? `The latent vectors have 2 numbers: ${whole}.` : `The latent vectors have 4 numbers; ${cut}. Choose 2 latent numbers to see all of it.`) +
        " A stronger colour means a denser cell; the two sides of the sheet have two colours.";
      fabricNote.hidden = !fabricNote.textContent;
      presetButtons.forEach((press, i) => press.setAttribute("aria-pressed", settings.preset === Object.keys(PRESETS)[i]));
      hint.hidden = settings.data !== "own";
      canvas.tabIndex = settings.data === "own" ? 0 : -1;
      canvas.setAttribute("role", settings.data === "own" ? "application" : "img"); // where keys draw, they must reach the board
      canvas.classList.toggle("gan-drawable", settings.data === "own");
      const hash = linkOf(settings);
      link.value = location.href.split("#")[0] + hash;
      return hash;
    }
    function change(what) {
      const names = Object.keys(what), again = names.some((name) => AGAIN.includes(name)), game = names.some((name) => !["show", "speed"].includes(name));
      settings = { ...settings, ...what, preset: game && !names.includes("own") ? null : settings.preset };
      if (settings.race && String(settings[settings.race.name]) === String(settings.race.value)) {
        if (again) settings.race = { name: settings.race.name, value: otherValue(settings.race.name) }; // two games with one difference
      }
      keep(show());
      said.textContent = "";
      if (again) return begin();
      if (!game) return redrawn();
      games(settings).forEach((one, k) => names.forEach((name) => { theatre.games[k].settings[name] = one[name]; }));
      const { steps } = theatre.game;
      if (!steps && theatre.game.nextPart() === "draw") return begin();
      changed = [...changed.filter((step) => step !== steps), steps];
      for (const chart of charts) { chart.mark(steps, "changed"); chart.draw(); }
      news.classList.add("gan-changed");
      news.textContent = `Changed at ${stepsOf(changed)}: start again to get what the link gives.`;
    }
    function redrawn() { // another layer, or another speed
      theatre.redraw();
    }

    // ---- points of one's own: pointer or keys ----
    let cursor = [0, 0], drawing = false;
    function put(point) {
      if (settings.own.length >= MOST_POINTS) return alertIn(root, `There is room for ${MOST_POINTS} points; clear some first.`);
      if (point.some((v) => Math.abs(v) > LIMIT)) return;
      change({ own: [...settings.own, point] });
    }
    canvas.addEventListener("pointerdown", (e) => { if (settings.data === "own") { drawing = true; canvas.setPointerCapture(e.pointerId); put(theatre.board.pointAt(e)); } });
    canvas.addEventListener("pointermove", (e) => {
      const last = settings.own[settings.own.length - 1], point = theatre.board.pointAt(e);
      if (drawing && last && Math.hypot(point[0] - last[0], point[1] - last[1]) > 0.15) put(point);
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
    });
    for (const turn of ["focus", "blur"]) canvas.addEventListener(turn, () => { if (settings.data === "own") theatre.redraw(); }); // the mark comes and goes

    // ---- links ----
    function keep(hash) { if (compact === undefined) history.replaceState(null, "", hash); }
    addEventListener("hashchange", () => {
      if (compact !== undefined || !location.hash.includes("=")) return;
      const { own } = settings;
      ({ settings, wrong } = readLink(location.hash));
      if (settings.preset && !settings.own.length) settings.own = own; // the text's links are presets: points drawn stay
      keep(show());
      begin();
      complain();
      root.scrollIntoView({ block: "start" });
    });
    function complain() {
      const unknown = wrong.filter((name) => name !== "alike"), said = [];
      if (unknown.length) said.push(`The link holds a value that this page does not know, for ${unknown.join(", ")}; the usual one stands in its place.`);
      if (wrong.includes("alike")) said.push("The link asks for a race of two games that are alike; here is the one game.");
      if (said.length) alertIn(root, said.join(" "));
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

    // ---- the page ----
    root.classList.add("gan-play");
    const check = (input, text) => element("label", { class: "gan-check" }, input, element("span", {}, text));
    const tall = (text, control, shown) => Object.assign(row(text, control, shown), { className: "gan-row gan-tall" });
    const short = (text, control) => Object.assign(row(text, control), { className: "gan-row gan-short" });
    const seats = theatre.boards.map((board, k) => framed(titles[k], board));
    const raceRow = element("div", { class: "gan-race-row" }, row("It differs in", raceName), row("and has there", raceValue), raceNote);
    const stage = element("div", { class: "gan-stage" }, element("div", { class: "gan-seats" }, ...seats),
      element("div", { class: "gan-buttons" }, ...theatre.buttons, ...(compact === undefined ? [partButton] : []), button("Start again", begin)),
      element("div", { class: "gan-seats gan-numbers" }, ...words));
    const below = element("div", { class: "gan-below" }, news, partPlace, hint,
      element("fieldset", { class: "gan-shows" }, element("legend", {}, "On the board"), ...SHOWS.map((name) => check(boxes[name], SHOW_WORDS[name]))), fabricNote);
    const panel = element("div", { class: "gan-controls" },
      row("Data", controls.data), row("Loss", controls.loss), button("Settings that suit this loss", () => change(SUITS(settings.loss))),
      tall("Learning rate of D", controls.rateD, values.rateD), tall("Learning rate of G", controls.rateG, values.rateG),
      tall("Steps of D for one of G", controls.stepsD, values.stepsD), short("Momentum (Adam's β₁)", controls.beta1),
      short("Latent numbers", controls.latent), short("Seed", controls.seed), tall("Speed: steps a frame", controls.speed, values.speed),
      check(raceBox, "Race: a second game with one difference"), raceRow);
    const presets = element("div", { class: "gan-presets", role: "group", "aria-label": "Things to try" }, element("span", {}, "Try:"), ...presetButtons);
    const foot = element("div", { class: "gan-link" }, link, button("Copy link", copy), said, ...saver.nodes);
    root.replaceChildren(presets, element("div", { class: "gan-left" }, stage, below), panel, element("div", { class: "gan-charts" }, ...charts.map((chart) => chart.figure)), foot);
    if (compact !== undefined) root.replaceChildren(stage, element("div", { class: "gan-charts" }, modes.figure));
    if (location.hash.includes("=")) keep(show());
    else show();
    begin();
    complain();
    root.ganTheatre = theatre;
    root.ganCharts = charts;
  }

  start("playground", playground);
})();

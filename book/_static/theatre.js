// One or two games with their boards, and the loop that runs them: for the playground and the gallery of failures.
(function () {
  "use strict";
  const { alertIn, button, element } = window.GanDom;
  const { makeGame, makeRandom, samplePoints } = window.GanGame;
  const { makeBoard } = window.GanBoard;
  const { LIMIT } = window.GanPlayground;
  const { DRAWN, sentence } = window.GanParts;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const SHOWN = 200, SCORED = 128, SCORE_EVERY = 20, FRAME_BUDGET = 10; // points drawn and scored; steps; milliseconds of training in a frame

  const LAYERS = { surface: "ground coloured by D", fabric: "G's fabric", real: "real points in blue", fake: "generated points in orange", arrows: "arrows where G's loss pulls" };

  // `measured(theatre, scores)` hears of new scores, one for each game; `show()` names the layers to draw, `speed()` the steps
  // a frame; `drawn(theatre)` is called after each drawing, `named(k)` says what the k-th board shows, if there are two.
  // theatre.scored is the step of the last scores: the board may be further.
  function makeTheatre(root, { measured, show, speed, drawn = () => {}, named = () => "" }) {
    const boards = [makeBoard(), makeBoard()];
    const theatre = { boards, board: boards[0], games: [], running: false, frames: 0, trained: 0, part: null, scored: 0,
                      restart, add, advance, nextPart, pause, toggle, redraw, score, get game() { return theatre.games[0]; }, get shown() { return shown; } };
    const runButton = button("Run", toggle), stepButton = button("One step", oneStep);
    runButton.className = "gan-run";
    theatre.buttons = [runButton, stepButton];
    let shown = null, halt = false, scores = [], loop = 0;

    function restart(all) { // settings of one game or two
      alertIn(root, "");
      pause();
      const [settings] = all, random = makeRandom(settings.seed + 4242);
      theatre.part = null;
      for (const { canvas } of boards) canvas.setAttribute("aria-label", "No game here.");
      theatre.games = all.map((one) => Object.assign(makeGame({ ...one, warmup: 0 }), { waiting: one.warmup }));
      const z = random.normals(SHOWN * 4); // each game takes as many numbers of it as it needs
      const real = theatre.game.pool || samplePoints(settings.data, SHOWN, random, settings.own);
      shown = theatre.games.map((game) => ({ z: z.subarray(0, SHOWN * game.settings.latent), real }));
      score();
      redraw();
    }
    function add(game) { // a game that joins, between two steps
      theatre.games.push(game);
      const old = shown[0].real, { data, own, pool, seed } = game.settings;
      shown.push({ z: shown[0].z, real: game.pool && !pool ? samplePoints(data, SHOWN, makeRandom(seed + 4243), own) : old }); // new data are drawn
      score();
      redraw();
    }
    function score() {
      scores = theatre.games.map((game, k) => ({ ...game.scores(SCORED), off: offBoard(game, shown[k].z) }));
      theatre.scored = theatre.game.steps;
      measured(theatre, scores);
    }
    function label(k) { // in words what the board shows now, and the last scores
      const { steps } = theatre.games[k], { coverage, w1 } = scores[k], { covered, modes, good } = coverage || {};
      const part = k === 0 && theatre.part ? theatre.part.part.name : null, layers = show().map((name) => LAYERS[name]);
      const seen = !part ? layers.join(", ") || "nothing" : DRAWN[part] + (show().includes("surface") && part !== "moveD" ? "; ground coloured by D" : "");
      boards[k].canvas.setAttribute("aria-label", `${named(k)}Step ${steps}. Shown: ${seen}. ${steps === theatre.scored ? "" : `At step ${theatre.scored}: `}` +
        (coverage ? `${covered} of ${modes} modes covered, ${Math.round(100 * good)} % of the points on a mode. ` : "") + `Wasserstein distance ${w1.toFixed(2)}.`);
    }
    function offBoard(game, z) { // how many of the drawn points lie outside the board
      const { fake } = game.arrows(z);
      let off = 0;
      for (let k = 0; k < SHOWN; k++) off += Math.max(Math.abs(fake[2 * k]), Math.abs(fake[2 * k + 1])) > LIMIT;
      return off;
    }
    function guarded(work) { // a loss that is no number stops the show, in words
      try {
        work();
      } catch (error) {
        pause();
        alertIn(root, `${error.message} Then start again.`);
      }
      redraw();
    }
    function advance(most, until = Infinity) { // at least one step of each game
      theatre.part = null;
      guarded(() => {
        for (let k = 0; k < most && (k === 0 || performance.now() < until); k++) {
          if (theatre.game.waiting) return warm(until);
          for (const game of theatre.games) game.step();
          theatre.trained += 1;
          if (theatre.game.steps % SCORE_EVERY === 0) score();
          if (halt) return pause();
        }
      });
    }
    function warm(until) { // D alone, before the game; a little at a time, so that the page stays alive
      const { game } = theatre;
      do {
        const n = Math.min(10, game.waiting);
        game.warmUp(n);
        game.waiting -= n;
      } while (game.waiting && performance.now() < until);
      score();
    }
    // The next part of a step of the first game; when its step is done, the second takes its own. Returns a sentence.
    function nextPart() {
      pause();
      const { game, board, games } = theatre;
      let words = "";
      guarded(() => {
        const before = game.surface(board.cells, LIMIT);
        theatre.part = null;
        theatre.part = { part: game.part(), before };
        if (game.nextPart() === "draw" && theatre.part.part.name === "moveG") {
          for (const other of games.slice(1)) other.step();
          theatre.trained += 1;
          if (game.steps % SCORE_EVERY === 0) score();
        }
      });
      if (theatre.part) words = sentence(theatre.part.part, game, theatre.part.rise);
      return words;
    }
    function redraw() {
      theatre.games.forEach((game, k) => {
        if (k === 0 && theatre.part) theatre.part.rise = boards[k].drawPart(game, theatre.part.part, theatre.part.before, show());
        else boards[k].draw(game, shown[k], show());
        label(k);
      });
      theatre.frames += 1;
      drawn(theatre);
    }
    function frame(mine) { // of one press of Run: a pause ends it, so that two never run at once
      if (mine !== loop || !root.isConnected) return;
      if (calm.matches) { // less motion: more steps between two drawings, and these half a second apart
        advance(20 * speed(), performance.now() + 20 * FRAME_BUDGET);
        setTimeout(frame, 500, mine);
        return;
      }
      advance(speed(), performance.now() + FRAME_BUDGET);
      requestAnimationFrame(() => frame(mine));
    }
    function pause() {
      theatre.running = halt = false;
      loop += 1;
      runButton.textContent = "Run";
    }
    function run() {
      const mine = loop += 1;
      theatre.running = true;
      runButton.textContent = "Pause";
      requestAnimationFrame(() => frame(mine));
    }
    function toggle() {
      if (!theatre.running) return run();
      pause();
      redraw(); // its words too
    }
    function oneStep() {
      pause();
      if (!theatre.game.waiting) return advance(1);
      run();
      halt = true; // once D has had its steps alone
    }
    const again = () => theatre.games.length && redraw();
    new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const sizes = new ResizeObserver(again);
    for (const { canvas } of boards) sizes.observe(canvas);
    return theatre;
  }

  const framed = (title, { canvas }) => element("div", { class: "gan-seat" }, title, canvas);

  window.GanTheatre = { framed, makeTheatre };
})();

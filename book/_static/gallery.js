// The gallery of failures: a sick game, and beside it the same game under treatment.
(function () {
  "use strict";
  const { alertIn, button, element, row, start } = window.GanDom;
  const { DEFAULTS } = window.GanGame;
  const { framed, makeTheatre } = window.GanTheatre;
  const DISEASES = window.GanDiseases, SHOW = ["surface", "real", "fake", "arrows"];
  const SPEED = 3;

  // A sketch of each disease for its button: real points (dots), samples (crosses), and a path or a sure D.
  const ring = Array.from({ length: 8 }, (_, k) => [24 + 16 * Math.cos(k * Math.PI / 4), 24 + 16 * Math.sin(k * Math.PI / 4)]);
  const few = [[-3, -2], [2, -3], [3, 2], [-2, 3], [0, 0]], around = ([x, y]) => few.map(([a, b]) => [x + a, y + b]);
  const moons = Array.from({ length: 5 }, (_, k) => Math.PI * k / 4).flatMap((a) => [[18 - 13 * Math.cos(a), 24 - 15 * Math.sin(a)], [30 - 13 * Math.cos(a), 24 + 15 * Math.sin(a)]]);
  const SKETCHES = {
    collapse: { dots: ring, crosses: [...around(ring[0]), ...around(ring[3])] },
    vanishing: { dots: ring.map(([x, y]) => [x * 0.7, 14 + y * 0.7]), crosses: around([40, 8]) },
    oscillation: { dots: around([24, 24]), crosses: [[10, 10]], path: "M10 10C44 0 48 40 26 42S2 18 24 14s20 12 10 18" },
    memorising: { dots: moons, crosses: moons.filter((_, k) => k % 3 !== 1) },
  };
  function sketch({ dots, crosses, path = "" }) {
    const { shape } = window.GanFigure;
    return shape("svg", { viewBox: "0 0 48 48", class: "gan-sketch", "aria-hidden": "true" },
      shape("path", { d: path, class: "fake", fill: "none", "stroke-dasharray": "2 2" }),
      ...dots.map(([cx, cy]) => shape("circle", { cx, cy, r: 2.2, class: "real" })),
      shape("path", { d: crosses.map(([x, y]) => `M${x - 2} ${y - 2}l4 4m0 -4l-4 4`).join(""), class: "fake" }));
  }

  function gallery(root) {
    let name = "collapse", seed = 1, treatedAt = null, charts = [], latest = [];
    const chartPlace = element("div", { class: "gan-charts" }), story = element("div", { class: "gan-story" }),
      treatment = element("div", { class: "gan-story", "aria-live": "polite" });
    const words = [0, 1].map(() => element("p", { class: "gan-status" })), titles = [0, 1].map(() => element("p", { class: "gan-seat-title" }));
    const saver = window.GanSave.makeSaver(() => ({
      boards: theatre.games.map((_, k) => theatre.boards[k].canvas), charts, name: `gan-${name}-seed-${seed}-step-${theatre.game.steps}`,
      words: [`${DISEASES[name].name}, seed ${seed}`, ...theatre.games.map((_, k) => `${titles[k].textContent}: ${words[k].textContent}`)],
    }));
    const theatre = makeTheatre(root, {
      speed: () => SPEED, show: () => SHOW, drawn() { measure(); saver.film(); }, named: (k) => treatedAt === null ? "" : `${titles[k].textContent}. `,
      measured({ games }, scores) {
        const { steps } = games[0], numbers = scores.map((s, k) => DISEASES[name].symptom(s, games[k]));
        charts[0].add(steps, numbers.flat());
        charts[0].draw();
        root.ganSymptoms = numbers;
        latest = scores;
      },
    });
    function measure() { // in words: the step of the board, and the last scores, with their own step where it may be another
      const { game: { steps, waiting }, running, scored } = theatre;
      latest.forEach((s, k) => words[k].replaceChildren(
        ...(waiting ? [`D trains alone before G starts: ${waiting.toLocaleString("en-US")} steps to go`] : [
          "Step ", element("output", { name: "step", "aria-live": "off" }, steps), treatedAt === null ? ", sick" : k ? `, under treatment since step ${treatedAt}` : ", untreated",
          running || steps !== scored ? ` · at step ${scored}: ` : " · ", "Wasserstein distance ", element("output", { name: "w1", "aria-live": "off" }, s.w1.toFixed(2))])));
    }
    const tabs = Object.entries(DISEASES).map(([key, { name: text }]) => {
      const press = button(text, () => open(key));
      press.prepend(sketch(SKETCHES[key]));
      return press;
    });
    const seedInput = element("input", { type: "number", min: 0, max: 999999999, step: 1, inputmode: "numeric", value: seed, change: newSeed });
    const cureButton = button("Apply the cure", cure);
    const seats = theatre.boards.map((board, k) => framed(titles[k], board));
    const bed = element("div", { class: "gan-bed" }, element("p", {}, "When you apply the cure, the same game under treatment goes on here, from the sick weights, beside the untreated one."));
    seats[1].append(bed);

    const linesOf = (which) => which.flatMap((who, k) => DISEASES[name].chart.names.map((text, i, all) => (
      { name: all.length > 1 ? `${who} ${text}`.trim() : who || text, kind: k ? "disc" : "extra", dash: i ? "6 3" : null })));
    function tell() {
      const disease = DISEASES[name], line = (title, text) => element("p", {}, element("strong", {}, `${title} `), text);
      story.replaceChildren(line("The cause.", disease.cause), line("Watch.", disease.watch));
      treatment.replaceChildren(...(treatedAt === null ? [] : [line("The cure.", disease.remedy), line("And waiting?", disease.wait)]));
      titles[0].textContent = treatedAt === null ? disease.name : "Untreated";
      titles[1].textContent = "Under treatment";
      theatre.boards[1].canvas.hidden = words[1].hidden = treatedAt === null;
      bed.hidden = treatedAt !== null;
      cureButton.disabled = treatedAt !== null;
      tabs.forEach((tab, i) => tab.setAttribute("aria-pressed", Object.keys(DISEASES)[i] === name));
    }
    function begin() {
      const disease = DISEASES[name];
      treatedAt = null;
      tell();
      charts = window.GanRunChart.together((moved) => [window.GanRunChart.makeRunChart(disease.chart.title, { ...disease.chart, moved, height: 190 })]);
      chartPlace.replaceChildren(charts[0].figure);
      charts[0].clear(linesOf([""]));
      theatre.restart([{ ...DEFAULTS, ...disease.sick, seed }]);
    }
    function open(key) {
      name = key;
      if (root.isConnected) history.replaceState(null, "", `#disease=${name}&seed=${seed}`);
      begin();
    }
    function newSeed() {
      if (!/^\d{1,9}$/.test(seedInput.value)) {
        alertIn(root, `A seed is a whole number from 0 to 999999999, but "${seedInput.value}" came.`);
        seedInput.value = seed;
        return;
      }
      seed = Number(seedInput.value);
      open(name);
    }
    function cure() {
      if (theatre.game.waiting) return alertIn(root, "D still trains alone; the game has not begun. Press Run first.");
      alertIn(root, "");
      const treated = theatre.game.copy();
      Object.assign(treated.settings, DISEASES[name].cure);
      treatedAt = theatre.game.steps;
      tell();
      charts[0].grow(linesOf(["untreated", "treated"]));
      charts[0].mark(treatedAt, "cure");
      theatre.add(treated);
    }
    function read() { // a link names disease and seed
      const wanted = new URLSearchParams(location.hash.slice(1)), wrong = [];
      const [disease, number] = [wanted.get("disease"), wanted.get("seed")];
      if (disease !== null) { if (Object.hasOwn(DISEASES, disease)) name = disease; else wrong.push("disease"); }
      if (number !== null) { if (/^\d{1,9}$/.test(number)) seedInput.value = seed = Number(number); else wrong.push("seed"); }
      return wrong;
    }
    const complain = (wrong) => { if (wrong.length) alertIn(root, `The link holds a value that this page does not know, for ${wrong.join(", ")}; the usual one stands in its place.`); };

    const wrong = read();
    root.replaceChildren(element("div", { class: "gan-tabs", role: "group", "aria-label": "Diseases" }, ...tabs),
      element("div", { class: "gan-left" }, element("div", { class: "gan-stage" }, element("div", { class: "gan-seats" }, ...seats),
        element("div", { class: "gan-buttons" }, ...theatre.buttons, cureButton, button("Start again", begin)),
        element("div", { class: "gan-seats gan-numbers" }, ...words)), treatment),
      element("div", { class: "gan-side" }, chartPlace, story), element("div", { class: "gan-link" }, row("Seed", seedInput), ...saver.nodes));
    begin();
    complain(wrong);
    addEventListener("hashchange", () => {
      if (!location.hash.includes("=")) return;
      const bad = read();
      begin();
      complain(bad);
      root.scrollIntoView({ block: "start" });
    });
    root.ganTheatre = theatre;
    root.ganCharts = () => charts;
  }

  start("failure-gallery", gallery);
})();

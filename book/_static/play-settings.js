// What can be set in the playground, by which name, and how a link holds it. No page is needed.
(function () {
  "use strict";
  const { DEFAULTS, LOSSES } = window.GanGame;
  const LIMIT = 3, MOST_POINTS = 200, GRAIN = 255 / (2 * LIMIT); // points of one's own: their range, number, and steps in a link

  const NAMES = {
    data: [["ring", "Ring of eight"], ["grid", "Grid of twenty-five"], ["roll", "Swiss roll"], ["moons", "Two moons"], ["own", "Draw your own"]],
    loss: [["saturating", "Saturating (minimax)"], ["non-saturating", "Non-saturating"], ["least-squares", "Least squares"],
           ["wasserstein-clip", "Wasserstein, weights clipped"], ["wasserstein-gp", "Wasserstein, gradient penalty"]],
    beta1: [["0", "0"], ["0.5", "0.5"], ["0.9", "0.9"]],
    latent: [["4", "4"], ["2", "2"]],
    stepsD: ["1", "2", "3", "4", "5"].map((v) => [v, v]),
    seed: Array.from({ length: 12 }, (_, i) => [String(i + 1), String(i + 1)]), // of a rival; one's own may be any
  };
  const RATES = [0.0002, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016];
  NAMES.rateD = NAMES.rateG = RATES.map((r) => [String(r), String(r)]);
  const LABELS = { loss: "loss", rateD: "learning rate of D", rateG: "learning rate of G", stepsD: "steps of D for one of G",
                   beta1: "momentum", latent: "latent numbers", seed: "seed" }; // in what two games may differ
  const SHOWS = ["surface", "fabric", "real", "fake", "arrows"], SHOWN = ["surface", "real", "fake", "arrows"];
  const AGAIN = ["data", "loss", "seed", "latent", "own", "race"]; // these start a run again; the others act on it as it goes

  const GAME = { ...DEFAULTS, rateD: 0.004, rateG: 0.002 };
  const VIEW = { race: null, show: SHOWN, speed: 3, preset: null };
  const START = { ...GAME, ...VIEW };
  const SUITS = (loss) => loss.startsWith("wasserstein") ? { rateD: 0.002, rateG: 0.001, stepsD: 3, beta1: 0 }
                                                         : { rateD: 0.004, rateG: 0.002, stepsD: 1, beta1: 0.5 };

  // Experiments by name; each says what to predict before Run is pressed.
  const CRITIC = { loss: "wasserstein-gp", ...SUITS("wasserstein-gp") };
  const PRESETS = {
    silent: { name: "Losses that say nothing", set: {}, ask: "Which of the three charts will tell you that it gets better?" },
    far: { name: "Far from near", set: CRITIC, ask: "What will minus the discriminator's loss do while the distance falls?" },
    clipping: { name: "Clipping", set: { ...CRITIC, race: { name: "loss", value: "wasserstein-clip" } },
                ask: "Two critics: one held by a penalty, one by clipped weights. Which distance will be smaller after a thousand steps?" },
    modes: { name: "Many modes", set: { data: "grid" }, ask: "How many of the twenty-five will there be, and will they stay?" },
    speed: { name: "Speed is not strength", set: { rateD: 0.0005, rateG: 0.016, race: { name: "seed", value: 3 } },
             ask: "G is thirty times as fast as D, in both games; only the seed differs. Will they end alike?" },
    momentum: { name: "Momentum", set: { race: { name: "beta1", value: 0.9 } }, ask: "The second game has much momentum. What will its arrows do?" },
    drawing: { name: "Draw", set: { data: "own" }, ask: "Draw a few strokes on the board. Which shapes will be hard?" },
    fabric: { name: "Fabric", set: { latent: 2, show: ["fabric", "real"] },
              ask: "G lays a sheet, the latent plane, onto the data. Where must it be thin?" },
  };

  const shared = (name) => (v) => NAMES[name].some(([k]) => k === v) ? v : null;
  const number = (read) => (v) => read(v) === null ? null : Number(v);
  const rate = (v) => Number(v) > 0 && Number(v) <= 1 ? Number(v) : null;
  const RULES = { // each reads a word of a link: a value, or null where it cannot be one
    preset: (v) => Object.hasOwn(PRESETS, v) ? v : null,
    data: shared("data"), loss: (v) => Object.hasOwn(LOSSES, v) ? v : null, rateD: rate, rateG: rate,
    stepsD: number(shared("stepsD")), beta1: number(shared("beta1")), latent: number(shared("latent")),
    seed: (v) => /^\d{1,9}$/.test(v) ? Number(v) : null,
    speed: (v) => /^([1-9]|10)$/.test(v) ? Number(v) : null,
    show: (v) => {
      const words = v.split(".").filter(Boolean);
      return words.every((word) => SHOWS.includes(word)) ? SHOWS.filter((word) => words.includes(word)) : null;
    },
    race: (v) => {
      const [name, ...rest] = v.split(":"), value = Object.hasOwn(LABELS, name) ? RULES[name](rest.join(":")) : null;
      return value === null ? null : { name, value };
    },
    points: (v) => {
      try {
        const bytes = [...atob(v.replaceAll("-", "+").replaceAll("_", "/"))].map((c) => c.charCodeAt(0) / GRAIN - LIMIT);
        if (bytes.length % 2 || bytes.length > 2 * MOST_POINTS) return null;
        return bytes.filter((_, i) => i % 2 === 0).map((x, k) => [x, bytes[2 * k + 1]]);
      } catch { return null; }
    },
  };

  const preset = (name) => ({ ...START, ...PRESETS[name].set, preset: name });
  const games = (s) => s.race ? [s, { ...s, [s.race.name]: s.race.value }] : [s]; // the settings of each game on the page

  const differs = ({ race, ...s }) => Boolean(race) && String(s[race.name]) !== String(race.value);

  function linkOf(s) {
    const parts = new URLSearchParams(s.preset ? { preset: s.preset } : {});
    for (const name of ["data", "loss", "rateD", "rateG", "stepsD", "beta1", "seed"]) parts.set(name, s[name]);
    if (s.latent !== START.latent) parts.set("latent", s.latent);
    if (differs(s)) parts.set("race", `${s.race.name}:${s.race.value}`);
    if (s.preset || s.show.join() !== SHOWN.join()) parts.set("show", s.show.join("."));
    if (s.speed !== START.speed) parts.set("speed", s.speed);
    if (s.data === "own") {
      const bytes = s.own.flat().map((v) => Math.round((v + LIMIT) * GRAIN));
      parts.set("points", btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""));
    }
    return "#" + parts;
  }

  // Returns settings and the names of what was wrong with the link ("alike": a race without a difference); a wrong part falls
  // back to the usual value.
  function readLink(hash) {
    const wanted = new URLSearchParams(hash.replace(/^#/, "")), wrong = [];
    const named = RULES.preset(wanted.get("preset") ?? "");
    let settings = named ? preset(named) : { ...START, own: [] };
    for (const [name, value] of wanted) {
      if (!Object.hasOwn(RULES, name)) continue; // an anchor of the page, or a word of another age
      const read = RULES[name](value);
      if (read === null) wrong.push(name);
      else settings = { ...settings, [name === "points" ? "own" : name]: read };
    }
    if (settings.race && !differs(settings)) {
      wrong.push("alike"); // two games alike are no race
      settings.race = null;
    }
    if (named && !sameGame(settings, preset(named))) settings.preset = null;
    return { settings, wrong };
  }
  const sameGame = (a, b) => linkOf({ ...a, ...HIDE }) === linkOf({ ...b, ...HIDE });
  const HIDE = { preset: null, show: SHOWN, speed: START.speed, own: [] }; // what does not make another experiment

  window.GanPlayground = { AGAIN, LABELS, LIMIT, MOST_POINTS, NAMES, PRESETS, RATES, SHOWS, START, SUITS, games, linkOf, preset, readLink };
})();

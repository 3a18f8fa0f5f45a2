// The home page's word in a generated font. It is a still picture until a reader touches it; only then are the generator
// and its weights fetched, by script elements, so that it works from a file as well.
(function () {
  "use strict";
  const { button, element, fetchScript, row, start } = window.GanDom;
  const FOLDER = new URL(".", document.currentScript.src);
  const MOST = 24; // characters
  const SLIDERS = ["weight", "width", "slant"]; // of the directions that letter-hand.js holds
  const SEEDS = 1e6;

  const get = (name, there) => fetchScript(new URL(name, FOLDER), there);
  async function fetchAll() { // lettering.js builds on generator.js
    await Promise.all([get("generator.js", () => window.GanGenerator), get("generator-letters.js", () => window.GAN_GENERATORS?.letters), get("letter-hand.js", () => window.GAN_LETTER_HAND)]);
    await get("lettering.js", () => window.GanLettering);
    return window.GanGenerator.makeGenerator(window.GAN_GENERATORS.letters);
  }

  function write(root) {
    const still = root.querySelector("img"), about = root.querySelector("figcaption").dataset.live;
    const canvas = element("canvas", { role: "img", class: "gan-line", hidden: true, "aria-label": still.alt }), strip = element("div", { class: "gan-strip" }, still, canvas);
    const said = element("p", { class: "gan-note", role: "status" }), told = element("p", { class: "gan-note gan-told" }, about);
    const { sliders, change, reset, moved } = window.GanWriting.writing(root, SLIDERS, said, fetchAll, draw);
    const name = element("input", { type: "text", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", value: root.dataset.word, class: "gan-number gan-name", input: change });
    const more = element("a", { href: "letters.html" }, "Walk, breed, take the font along");
    let seed = Number(root.dataset.seed), state = null;

    function draw(generator) {
      const L = window.GanLettering, { word, typed, said: sentence } = L.readWord(name.value, MOST);
      const z = L.rounded(moved(L.rounded(window.GanGenerator.normals(generator.latent, seed)), (key) => window.GAN_LETTER_HAND[key].direction));
      const font = L.makeFont(generator, z), letters = [...word.replaceAll(" ", "")].map(font.letter);
      const wide = strip.clientWidth, high = strip.clientHeight;
      canvas.hidden = false;
      still.hidden = true;
      L.write(canvas, font, word, { wide, high, largest: 8, smallest: 1 });
      said.textContent = sentence;
      const mean = (of) => letters.reduce((sum, letter) => sum + of(letter), 0) / letters.length;
      told.textContent = `Measured in this picture: ink covers ${(100 * mean((l) => l.ink)).toFixed(0)} % of the letters' squares, and a letter is ${mean((l) => l.right - l.left).toFixed(1)} of 28 pixels wide.`;
      canvas.setAttribute("aria-label", `${word} in a font by a generator. ${told.textContent}`);
      const set = sliders.filter((s) => Number(s.control.value)).map((s) => [s.name, s.control.value]);
      more.href = `letters.html#${new URLSearchParams([["word", typed], ["seed", seed], ...set])}`;
      state = { word, latent: Array.from(z), pictures: letters.map((l) => Array.from(l.values)) };
    }
    const another = button("New font", () => {
      seed = Math.floor(Math.random() * SEEDS);
      reset();
    });
    root.replaceChildren(strip,
      element("div", { class: "gan-controls" },
        element("div", { class: "gan-head" }, row("Name", name), element("div", { class: "gan-buttons" }, another)),
        element("div", { class: "gan-hand" }, ...sliders.map((s) => s.row))),
      said, told, element("p", { class: "gan-note" }, more));
    let width = strip.clientWidth;
    new ResizeObserver(() => { if (state && strip.clientWidth !== width) { width = strip.clientWidth; change(); } }).observe(strip);
    root.ganName = { state: () => state };
  }

  start("name-writer", write);
})();

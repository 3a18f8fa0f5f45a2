// The hand that writes numbers, in "Your first GAN". It is a still picture until a reader touches it;
// only then are the generator and its weights fetched, by script elements, so that it works from a file as well.
(function () {
  "use strict";
  const { button, element, row, start } = window.GanDom;
  const FOLDER = new URL(".", document.currentScript.src);
  const MOST = 10; // digits in the line
  const EMPTY = Math.tanh(-2.6), FULL = Math.tanh(3.2); // of the pen's edge: below nothing is seen, above it is black
  const PEN = -0.1; // a pixel above it is drawn more than half black
  const SLIDERS = ["slant", "stroke", "width"];

  const get = (name, there) => window.GanDom.fetchScript(new URL(name, FOLDER), there);
  async function fetchAll() {
    await Promise.all([get("generator.js", () => window.GanGenerator), get("generator-mnist.js", () => window.GAN_GENERATORS?.mnist), get("hand.js", () => window.GAN_HAND)]);
    return window.GanGenerator.makeGenerator(window.GAN_GENERATORS.mnist);
  }

  // Slant in degrees, width of strokes and of the digit in pixels: as `measure` and `extent` of scripts/hand.py, which say how.
  function measure(values, side) {
    const ink = values.map((v) => (v + 1) / 2);
    let total = 0, cx = 0, cy = 0, yy = 0, xy = 0, outline = 0, first = side, last = -1;
    ink.forEach((v, i) => { total += v; cx += v * (i % side); cy += v * Math.floor(i / side); });
    ink.forEach((v, i) => {
      const [column, line] = [i % side, Math.floor(i / side)], [x, y] = [column - cx / total, line - cy / total];
      yy += v * y * y; xy += v * x * y;
      if (values[i] > PEN) { first = Math.min(first, column); last = Math.max(last, column); }
      if (column && line) outline += Math.hypot(v - ink[i - 1], v - ink[i - side]);
    });
    return [Math.atan(-xy / yy) * 180 / Math.PI, 2 * total / outline, Math.max(0, last - first + 1)];
  }

  // Paints digits side by side as ink: black, more or less opaque; the page's style turns it round in the dark.
  function paint(canvas, pictures, side) {
    const k = Math.max(4, Math.min(12, Math.round(1200 / side / pictures.length))), n = side * k;
    Object.assign(canvas, { width: n * pictures.length, height: n });
    const context = canvas.getContext("2d"), image = context.createImageData(n, n);
    pictures.forEach((values, at) => {
      const large = window.GanGenerator.enlarge(values, [1, side, side], k, 1);
      for (let i = 0; i < n * n; i++) image.data[4 * i + 3] = Math.round(255 * Math.min(1, Math.max(0, (Math.tanh(3 * (large[i] + 0.1)) - EMPTY) / (FULL - EMPTY)))); // a pen's edge
      context.putImageData(image, at * n, 0);
    });
  }

  function write(root) {
    const still = root.querySelector("img"), first = root.dataset.write, about = root.querySelector("figcaption").dataset.live;
    const canvas = element("canvas", { role: "img", class: "gan-line", hidden: true, "aria-label": still.alt });
    const said = element("p", { class: "gan-note", role: "status" }), told = element("p", { class: "gan-note gan-told" }, about);
    const { sliders, change, once, reset, moved } = window.GanWriting.writing(root, SLIDERS, said, fetchAll, draw);
    const number = element("input", { type: "text", inputmode: "numeric", autocomplete: "off", spellcheck: "false", value: first, class: "gan-number", input: change });
    let z = null, labels = [], pictures = [];

    const latent = () => moved(z ||= window.GAN_HAND.start, (name) => window.GAN_HAND[name]);
    function draw(network) {
      const read = window.GanGenerator.readDigits(number.value, network.classes, MOST), side = network.shape[1];
      said.textContent = read.said;
      if (read.labels.length) labels = read.labels;
      if (!labels.length) return;
      const vector = latent();
      pictures = labels.map((label) => network.draw(vector, label));
      paint(canvas, pictures, side);
      canvas.hidden = false;
      still.hidden = true;
      const mean = pictures.map((p) => measure(p, side)).reduce((sum, m) => sum.map((v, i) => v + m[i] / pictures.length), [0, 0, 0]);
      const lean = Math.round(mean[0]), leans = lean ? `it leans about ${Math.abs(lean)}° to the ${lean < 0 ? "left" : "right"}` : "it stands upright";
      told.textContent = `Measured in this picture: ${leans}, strokes are ${mean[1].toFixed(1)} and digits ${mean[2].toFixed(0)} of 28 pixels wide.`;
      canvas.setAttribute("aria-label", `Handwriting by a generator: ${labels.map((l) => network.classes[l]).join("")}. ${told.textContent}`);
    }

    const hand = button("New hand", () => once((network) => {
      z = window.GanGenerator.normals(network.latent);
      reset();
    }));
    root.replaceChildren(
      element("div", { class: "gan-strip" }, still, canvas),
      element("div", { class: "gan-controls" },
        element("div", { class: "gan-head" }, row("Number", number), element("div", { class: "gan-buttons" }, hand)),
        element("div", { class: "gan-hand" }, ...sliders.map((s) => s.row))),
      said, told);
    root.ganWriter = { measure, state: () => ({ latent: Array.from(latent()), labels, pictures: pictures.map((p) => Array.from(p)) }) };
  }

  start("digit-writer", write);
})();

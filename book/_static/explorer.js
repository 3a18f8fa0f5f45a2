// The latent explorer: sliders along directions of the latent space, a class, and the picture that the generator draws.
(function () {
  "use strict";
  const RANGE = 4; // a slider's ends, in standard deviations of a latent number
  let serial = 0;

  function normal() { // Box and Muller
    return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  }

  function element(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  function explore(root) {
    const name = root.dataset.generator, id = `gan-explorer-${++serial}`;
    const generator = window.GanGenerator.makeGenerator((window.GAN_GENERATORS || {})[name]);
    const { latent, directions, classes } = generator;
    let base = new Float32Array(latent).map(normal), pinned = null;

    const canvas = element("canvas", { width: 28, height: 28, role: "img" });
    const choice = element("select", { id: `${id}-class` }, ...classes.map((c, i) => element("option", { value: i }, c)));
    const sliders = directions.map((_, i) =>
      element("input", { type: "range", id: `${id}-${i}`, min: -RANGE, max: RANGE, step: 0.05, value: 0 }));
    const walk = element("input", { type: "range", id: `${id}-walk`, min: 0, max: 1, step: 0.01, value: 0, disabled: "" });
    const random = element("button", { type: "button" }, "Another hand");
    const reset = element("button", { type: "button" }, "Sliders to 0");
    const pin = element("button", { type: "button" }, "Pin this one");
    const label = (control, text) => element("label", { for: control.id }, text);
    const rows = sliders.map((s, i) => element("div", { class: "gan-row" }, label(s, `Direction ${i + 1}`), s));
    const walkRow = element("div", { class: "gan-row" }, label(walk, "From the pinned one"), walk);

    function current() {
      const z = base.slice();
      sliders.forEach((s, i) => directions[i].forEach((v, j) => { z[j] += Number(s.value) * v; }));
      return z;
    }
    function slerp(a, b, t) {
      const dot = (u, v) => u.reduce((sum, value, i) => sum + value * v[i], 0);
      const cosine = dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
      const angle = Math.acos(Math.max(-1, Math.min(1, cosine)));
      if (angle < 1e-4) return b.slice();
      return a.map((v, i) => (Math.sin((1 - t) * angle) * v + Math.sin(t * angle) * b[i]) / Math.sin(angle));
    }
    function draw() {
      const z = pinned ? slerp(current(), pinned, Number(walk.value)) : current();
      const values = generator.draw(z, Number(choice.value));
      const context = canvas.getContext("2d"), image = context.createImageData(28, 28);
      let ink = 0;
      values.forEach((value, i) => {
        const byte = Math.round((value + 1) * 127.5);
        image.data.set([byte, byte, byte, 255], 4 * i);
        ink += byte / 255;
      });
      context.putImageData(image, 0, 0);
      const set = sliders.map((s, i) => [i + 1, Number(s.value)]).filter(([, v]) => v !== 0).map(([i, v]) => `${i} at ${v}`);
      canvas.setAttribute("aria-label", `Generated ${classes[choice.value]}, ${(100 * ink / 784).toFixed(0)} % white; ` +
        (set.length ? `directions ${set.join(", ")}` : "all directions at 0"));
      root.ganLatent = z; // for those who open the console
    }

    random.addEventListener("click", () => { base = base.map(normal); draw(); });
    reset.addEventListener("click", () => { sliders.forEach((s) => { s.value = 0; }); walk.value = 0; draw(); });
    pin.addEventListener("click", () => { pinned = current(); walk.disabled = false; walk.value = 0; draw(); });
    for (const control of [choice, walk, ...sliders]) control.addEventListener("input", draw);
    const buttons = element("div", { class: "gan-buttons" }, random, reset, pin);
    const controls = element("div", { class: "gan-controls" },
      element("div", { class: "gan-row" }, label(choice, "Draw a"), choice), ...rows, walkRow, buttons);
    draw();
    root.replaceChildren(canvas, controls);
  }

  function start() {
    for (const root of document.querySelectorAll('[data-gan-widget="latent-explorer"]')) {
      try {
        explore(root);
      } catch (error) { // the static picture stays, and the page goes on
        root.append(element("p", { role: "alert" }, `The explorer could not start: ${error.message}`));
      }
    }
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();

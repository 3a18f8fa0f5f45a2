// The training scrubber: one slider through the pictures that a generator drew while it learned.
(function () {
  "use strict";
  const { button, element, range, row, start } = window.GanDom;
  const PAUSE = 350; // milliseconds for each picture when it plays by itself

  // `frames` is a list of { step, image }, images as data addresses; `label` says what they show.
  function scrub(root, { frames, label }) {
    const pictures = frames.map(({ image }) => Object.assign(new Image(), { src: image }));
    const canvas = element("canvas", { role: "img", class: "gan-frame" }), said = element("output", {}, "");
    const slider = range(0, frames.length - 1, 1, frames.length - 1, show);
    let timer = null;
    const play = button("Play", () => {
      if (timer) return stop();
      slider.value = 0;
      show();
      play.textContent = "Stop";
      timer = setInterval(() => {
        if (!root.isConnected || Number(slider.value) === frames.length - 1) return stop();
        slider.value = Number(slider.value) + 1;
        show();
      }, PAUSE);
    });
    function stop() { clearInterval(timer); timer = null; play.textContent = "Play"; }
    async function show() {
      const at = Number(slider.value), { step } = frames[at], picture = pictures[at];
      said.textContent = `step ${step}`;
      slider.setAttribute("aria-valuetext", `step ${step}`);
      canvas.setAttribute("aria-label", `${label} at step ${step}, picture ${at + 1} of ${frames.length}`);
      await picture.decode();
      if (Number(slider.value) !== at) return; // a newer wish came first
      if (canvas.width !== picture.naturalWidth) Object.assign(canvas, { width: picture.naturalWidth, height: picture.naturalHeight });
      canvas.getContext("2d").drawImage(picture, 0, 0);
    }
    root.replaceChildren(canvas, element("div", { class: "gan-controls" }, row("Training step", slider, said),
      element("div", { class: "gan-buttons" }, play)));
    show();
  }

  window.GanScrubber = { scrub };
  start("scrubber", (root) => scrub(root, JSON.parse(root.querySelector('script[type="application/json"]').textContent)));
})();

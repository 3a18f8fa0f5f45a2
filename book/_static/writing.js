// What name.js and writer.js share: sliders of a latent vector, and a network that is sent for at the first touch.
(function () {
  "use strict";
  const { alertIn, element, range, row } = window.GanDom;
  const REACH = 2.5; // a slider's ends, in standard deviations of a latent number

  // `fetchNetwork` brings the network, once, `draw` draws with it, and `said` is where it is told that it is on its way.
  function writing(root, names, said, fetchNetwork, draw) {
    let network = null;
    const sliders = names.map((name) => {
      const shown = element("output", { "aria-live": "off" }, "0.0"), control = range(-REACH, REACH, 0.1, 0, change);
      return { name, control, shown, row: row(name[0].toUpperCase() + name.slice(1), control, shown) };
    });

    async function ready() { // the first touch sends for the network, so that it is often there before the first change
      if (network) return;
      said.textContent ||= "Fetching the network …";
      const fetched = await fetchNetwork();
      network ||= fetched;
      if (said.textContent.startsWith("Fetching")) said.textContent = "";
    }
    const once = (work) => ready().then(() => work(network)).catch((error) => alertIn(root, error.message));
    function change() {
      for (const { control, shown } of sliders) shown.textContent = (control.value > 0 ? "+" : "") + Number(control.value).toFixed(1).replace("-", "−");
      return once(draw);
    }
    function reset() {
      for (const { control } of sliders) control.value = 0;
      return change();
    }
    // A latent vector, moved along the sliders' directions.
    function moved(z, directionOf) {
      const there = Float32Array.from(z);
      for (const { name, control } of sliders) directionOf(name).forEach((v, i) => { there[i] += Number(control.value) * v; });
      return there;
    }
    for (const event of ["focusin", "pointerdown"]) root.addEventListener(event, () => once(() => {}), { once: true });
    return { sliders, change, once, reset, moved };
  }

  window.GanWriting = { writing };
})();

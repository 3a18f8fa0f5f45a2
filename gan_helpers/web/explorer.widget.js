// The latent explorer in a notebook: anywidget calls render.
function throughKernel(model) {
  const { classes, shape, latent, directions: rows } = model.get("about"), waiting = new Map();
  const { directions } = window.GanGenerator.makeGenerator({ layers: [], latent, classes, shape, directions: rows });
  let serial = 0;
  model.on("msg:custom", ({ id, values, error }) => {
    const [resolve, reject] = waiting.get(id) || [];
    waiting.delete(id);
    if (error) reject?.(new Error(error)); else resolve?.(values);
  });
  const draw = (z, label) => new Promise((resolve, reject) => {
    waiting.set(++serial, [resolve, reject]);
    model.send({ id: serial, z: Array.from(z), label });
  });
  return { latent, classes, shape, directions, draw };
}
export default {
  render({ model, el }) {
    const root = document.createElement("div");
    root.className = "gan-widget";
    root.dataset.ganWidget = "latent-explorer";
    root.dataset.ganStarted = "yes";
    el.append(root);
    try {
      const network = model.get("network");
      const same = (a, b) => a.length === b.length && a.every((v, i) => Math.abs(v - b[i]) < 1e-6);
      const generator = network ? window.GanGenerator.makeGenerator(network) : throughKernel(model);
      let mine = model.get("state");
      const explorer = window.GanExplorer.explore(root, generator, {
        ...mine, note: model.get("about").note,
        changed(z, label) { mine = { latent: Array.from(z), label }; model.set("state", mine); model.save_changes(); },
      });
      model.on("change:state", () => {
        const { latent, label } = model.get("state");
        if (label !== mine.label || !same(latent, mine.latent)) explorer.set(latent, label);
      });
    } catch (error) {
      window.GanDom.alertIn(root, `The explorer could not start: ${error.message}`);
    }
  },
};

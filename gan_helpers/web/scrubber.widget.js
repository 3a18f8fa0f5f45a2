// The training scrubber in a notebook: anywidget calls render.
export default {
  render({ model, el }) {
    const root = document.createElement("div");
    root.className = "gan-widget";
    root.dataset.ganWidget = "scrubber";
    root.dataset.ganStarted = "yes";
    el.append(root);
    window.GanScrubber.scrub(root, model.get("data"));
  },
};

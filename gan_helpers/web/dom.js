// Small helpers for pages that build their controls in the browser.
(function () {
  "use strict";
  if (window.GanDom) return; // a page may hold several widgets; names of controls must not repeat
  let serial = 0;

  function element(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === "function") node.addEventListener(name, value);
      else if (value !== false && value !== null) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children);
    return node;
  }

  // A labelled control in a row of its own; `shown` may hold its value in words.
  function row(text, control, shown = "") {
    control.id ||= `gan-control-${++serial}`;
    return element("div", { class: "gan-row" }, element("label", { for: control.id }, text), control, shown);
  }

  const select = (options, chosen, input) => element("select", { input },
    ...options.map(([value, text]) => element("option", { value, selected: value === chosen }, text)));
  const range = (min, max, step, value, input) => element("input", { type: "range", min, max, step, value, input });
  const button = (text, click) => element("button", { type: "button", click }, text);

  // Fetches a script once, and not at all if what it brings is there.
  const fetched = {};
  function fetchScript(address, there) {
    if (there()) return Promise.resolve();
    return fetched[address] ||= new Promise((resolve, reject) => {
      const script = element("script", { src: address });
      script.addEventListener("load", resolve);
      script.addEventListener("error", () => { delete fetched[address]; reject(new Error("The network could not be fetched; reload the page and try again.")); });
      document.head.append(script);
    });
  }

  // Starts a widget in every root of the page that is marked with its name; what fails says so, and the page goes on.
  function start(name, build) {
    function all() {
      for (const root of document.querySelectorAll(`[data-gan-widget="${name}"]`)) {
        if (root.dataset.ganStarted) continue;
        root.dataset.ganStarted = "yes";
        try {
          build(root);
        } catch (error) {
          alertIn(root, `This part of the page could not start: ${error.message}`);
        }
      }
    }
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", all);
    else all();
  }

  function alertIn(root, message) {
    let place = root.querySelector(':scope > [role="alert"]');
    if (!place) root.append(place = element("p", { role: "alert" }));
    place.textContent = message;
    place.hidden = !message;
  }

  window.GanDom = { alertIn, button, element, fetchScript, range, row, select, start };
})();

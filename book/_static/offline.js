// Where the site is served, pages stay on the reader's device (offline-worker.js stores and answers): each page that is
// read, on a connection that seems cheap all chapters too, and at the press of a button the whole book. From files nothing is needed.
(function () {
  "use strict";
  const root = new URL("..", document.currentScript.src), store = navigator.serviceWorker;
  if (!location.protocol.startsWith("http") || !window.isSecureContext || !store) return;
  const AT_ONCE = 6; // files
  const PAUSES = [1, 4, 15]; // seconds before another try, when the network fails
  const WHY = {
    network: "The site does not answer. What has come stays here; press again to go on.",
    full: "This device gives the book no more room. What has come stays here; free some space and press again.",
    other: "Some files have changed since. Reload this page, then press again.",
    stopped: "Stopped. What has come stays here; press again to go on.",
  };
  const PANEL = `<details><summary>Read without a network</summary>
    <p>Each page that you read stays on this device and opens without a network. So do all chapters, without labs and exercises,
    where the browser says that the connection is neither metered nor slow, or, if it says nothing, on a computer. The button keeps the rest too: labs, exercises and all other pages.</p>
    <p role="status"></p><p hidden><progress value="0" max="1" aria-label="How much of the book has come"></progress> <span></span></p>
    <p><button type="button">Keep the whole book</button> <button type="button" hidden>Remove what is kept</button></p></details>`;

  const WISH = `offline at ${root.pathname}`; // all books and editions of a server share one storage
  const wish = () => localStorage.getItem(WISH); // null: what is read; "all": the whole book; "none"
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
  const rest = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));
  const begin = () => store.register(new URL("offline-worker.js", root));

  /** A word to the worker, and its answer. */
  async function ask(words) {
    const worker = (await store.ready).active, { port1, port2 } = new MessageChannel();
    return new Promise((answer, refuse) => {
      port1.onmessage = (event) => answer(event.data);
      setTimeout(() => refuse(new Error("its worker does not answer")), 90_000);
      worker.postMessage({ ...words, address: location.href }, [port2]);
    });
  }

  /** Keep "this" page, the "chapters" or "all"; return "" or what stopped it: "network", "full", "other", "stopped". */
  async function keep(of, tell = () => {}, stopped = () => false) {
    const { missing, bytes, left } = await ask({ ask: "state", of });
    if (!bytes) return "other"; // a page that the worker does not know
    let tries = 0, gone = 0;
    for (let at = 0; at < missing.length;) {
      const some = missing.slice(at, at + AT_ONCE);
      const problem = stopped() ? "stopped" : await ask({ ask: "keep", paths: some.map(([path]) => path) });
      if (problem === "network" && tries < PAUSES.length) await rest(PAUSES[tries++]);
      else if (problem && problem !== "other") return problem;
      else {
        [at, tries, gone] = [at + AT_ONCE, 0, gone + some.reduce((sum, [, size]) => sum + size, 0)];
        tell(bytes - left + gone, bytes);
      }
    }
    return (await ask({ ask: "state", of })).missing.length ? "other" : "";
  }

  /** Whether a few megabytes may come unasked. Browsers that do not say are trusted on a desk, not in a hand. */
  function cheap() {
    const link = navigator.connection;
    return link ? !link.saveData && link.type !== "cellular" && !/[23]g/.test(link.effectiveType) : matchMedia("(pointer: fine)").matches;
  }

  async function keepUnasked() {
    const problem = await keep("this");
    if (problem) return;
    panel.dataset.kept = "yes";
    if (cheap()) await keep(wish() === "all" ? "all" : "chapters", () => {}, () => wish() === "none");
  }

  const panel = document.createElement("div");
  panel.className = "footer-item gan-offline";
  panel.innerHTML = PANEL;
  // The count stands outside the status, which a screen reader would read aloud at each change
  const parts = ["[role=status]", "p[hidden]", "progress", "span", "button", "button + button"];
  const [said, progress, bar, count, press, remove] = parts.map((part) => panel.querySelector(part));
  let running = false, stop = false, unasked = Promise.resolve();

  async function show(words = "") {
    if (running) return;
    if (wish() === "none") {
      [said.textContent, press.textContent] = [words || "Nothing is kept on this device.", "Keep the whole book"];
      [press.hidden, remove.hidden] = [false, true];
      return;
    }
    const { bytes, left } = await ask({ ask: "state", of: "all" });
    said.textContent = words || (left ? `${megabytes(bytes - left)} of the book's ${megabytes(bytes)} are on this device.`
      : `The whole book is on this device, ${megabytes(bytes)}.`);
    press.textContent = `Keep the whole book (${megabytes(left)} more)`;
    [press.hidden, remove.hidden] = [!left, false];
  }

  press.addEventListener("click", async () => {
    if (running) {
      stop = true;
      return;
    }
    [running, stop, progress.hidden, remove.hidden, press.textContent] = [true, false, false, true, "Stop"];
    [said.textContent, count.textContent] = ["The book is coming.", ""];
    let problem;
    try {
      localStorage.setItem(WISH, "all");
      await begin();
      // The browser may say no, and then keeps the book while there is room. Firefox asks the reader, for whom nothing waits.
      navigator.storage?.persist?.().catch(() => {});
      problem = await keep("all", (here, whole) => {
        bar.value = here / whole;
        count.textContent = `${megabytes(here)} of ${megabytes(whole)} are here.`;
      }, () => stop);
    } catch (error) {
      return sayNo(error);
    } finally {
      [running, progress.hidden, press.textContent] = [false, true, "Keep the whole book"];
    }
    await show(WHY[problem]);
  });

  remove.addEventListener("click", async () => {
    const before = wish();
    localStorage.setItem(WISH, "none"); // what comes unasked stops
    said.textContent = "Removing ...";
    try {
      await unasked.catch(() => {}); // it would bring files back; how it ended is no matter
      await ask({ ask: "forget" });
      for (const one of await store.getRegistrations()) if (one.scope === root.href) await one.unregister();
    } catch (error) {
      if (before === null) localStorage.removeItem(WISH);
      else localStorage.setItem(WISH, before);
      return sayNo(error, "It could not be removed");
    }
    await show("Removed. Nothing is kept on this device, and nothing will be until you press the button.");
  });

  async function keepAndShow() {
    await show();
    await (unasked = keepUnasked());
    await show();
  }

  // A private window, or a browser that is told to store nothing: the site goes on
  function sayNo(error, what = "This browser keeps no pages") {
    said.textContent = `${what}: ${error.message}`;
  }

  async function afterwards() {
    const app = document.createElement("link"); // lets a phone show the book among its apps
    [app.rel, app.href] = ["manifest", new URL("site.webmanifest", root)];
    document.head.append(app);
    document.querySelector(".bd-footer-content__inner")?.append(panel);
    try {
      if (wish() === "none") return await show();
      await begin();
      if (store.controller) store.addEventListener("controllerchange", () => keepAndShow().catch(sayNo), { once: true }); // a new build has come
      await keepAndShow();
    } catch (error) {
      sayNo(error);
    }
  }
  const whenIdle = window.requestIdleCallback ?? ((run) => setTimeout(run, 500));
  if (document.readyState === "complete") whenIdle(afterwards);
  else addEventListener("load", () => whenIdle(afterwards));
})();

// A run to take along: its boards and charts as a picture, its boards as a film.
(function () {
  "use strict";
  const { button, element } = window.GanDom;
  const WIDTH = 1200, EDGE = 24, LINE = 30; // pixels

  const dark = () => document.documentElement.dataset.theme === "dark";
  const colours = () => dark() ? { paper: "#14191d", ink: "#d8dee4" } : { paper: "#ffffff", ink: "#222832" };

  function wrap(context, text, width) {
    const lines = [""];
    for (const word of text.split(" ")) {
      const longer = `${lines[lines.length - 1]} ${word}`.trim();
      if (context.measureText(longer).width > width && lines[lines.length - 1]) lines.push(word);
      else lines[lines.length - 1] = longer;
    }
    return lines;
  }

  // An SVG with the styles of the page written into it, as an image.
  function imageOf(svg) {
    const copy = svg.cloneNode(true), box = svg.getBoundingClientRect(), originals = [svg, ...svg.querySelectorAll("*")];
    [copy, ...copy.querySelectorAll("*")].forEach((node, i) => {
      const style = getComputedStyle(originals[i]);
      node.setAttribute("style", ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-size", "font-family", "font-weight", "text-anchor", "paint-order"]
        .map((name) => `${name}:${style.getPropertyValue(name).replaceAll('"', "'")}`).join(";"));
    });
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("width", box.width);
    copy.setAttribute("height", box.height);
    const image = new Image();
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(copy));
    return image.decode().then(() => ({ image, width: box.width, height: box.height }));
  }

  // Draws boards beside each other, words below; returns where the next thing may begin.
  // A film keeps the size of its first frame.
  function layOut(canvas, boards, words, room = 0, filming = false) {
    const context = canvas.getContext("2d"), { paper, ink } = colours(), side = (WIDTH - EDGE * 3) / 2;
    context.font = "20px system-ui, sans-serif";
    const left = boards.length > 1 ? [EDGE, 2 * EDGE + side] : [EDGE];
    const width = boards.length > 1 ? WIDTH : room ? WIDTH : side + 2 * EDGE, lines = words.flatMap((w) => wrap(context, w, width - 2 * EDGE));
    const height = 2 * EDGE + side + (lines.length + filming) * LINE + (boards.length > 1 ? room : 0);
    const [w, h] = [width, height].map((v) => 2 * Math.ceil(v / 2)); // encoders want even sizes
    if (!filming || canvas.width !== w) Object.assign(canvas, { width: w, height: h });
    context.fillStyle = paper;
    context.fillRect(0, 0, w, canvas.height);
    boards.forEach((board, k) => context.drawImage(board, left[k], EDGE, side, side));
    context.fillStyle = ink;
    context.font = "20px system-ui, sans-serif";
    lines.forEach((line, i) => context.fillText(line, EDGE, EDGE + side + LINE * (i + 1)));
    return boards.length > 1 ? { x: EDGE, y: EDGE + side + lines.length * LINE + 12, width: WIDTH - 2 * EDGE, across: true }
                             : { x: left[0] + side + EDGE, y: EDGE, width: side, across: false };
  }

  async function picture(boards, charts, words) {
    const canvas = element("canvas", {}), seen = charts.filter((chart) => !chart.figure.hidden);
    const images = await Promise.all(seen.map((chart) => imageOf(chart.svg)));
    const across = boards.length > 1, wide = across ? (WIDTH - 2 * EDGE) / Math.max(1, images.length) : (WIDTH - 3 * EDGE) / 2;
    const fit = (i) => Math.min(wide / i.width, across ? 2 : ((WIDTH - 3 * EDGE) / 2 / images.length - 26) / i.height);
    const tallest = Math.max(0, ...images.map((i) => i.height * fit(i)));
    const place = layOut(canvas, boards, words, tallest + 60), context = canvas.getContext("2d");
    let { x, y } = place;
    context.font = "600 17px system-ui, sans-serif";
    context.fillStyle = colours().ink;
    images.forEach((one, k) => {
      const scale = fit(one);
      context.fillText(seen[k].title, x, y + 16, wide - 10);
      context.drawImage(one.image, x, y + 24, one.width * scale, one.height * scale);
      if (across) x += wide;
      else y += one.height * scale + 26;
    });
    return new Promise((done) => canvas.toBlob(done, "image/png"));
  }

  function hand(blob, name) {
    const link = element("a", { href: URL.createObjectURL(blob), download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  // Two buttons. `seen()` gives boards (canvases), charts, words and a name for the file, as they are now; call `film()` after
  // each drawing of the boards.
  function makeSaver(seen) {
    const said = element("span", { role: "status" }), canvas = element("canvas", {});
    let recorder = null, chunks = [];
    const type = typeof MediaRecorder === "undefined" || !canvas.captureStream ? null
      : ["video/webm;codecs=vp9", "video/webm", "video/mp4"].find((t) => MediaRecorder.isTypeSupported(t)) || null;

    async function save() {
      const { boards, charts, words, name } = seen();
      try {
        hand(await picture(boards, charts, words), `${name}.png`);
        said.textContent = `Saved as ${name}.png.`;
      } catch (error) {
        said.textContent = `The picture could not be made: ${error.message || "the browser refused"}.`;
      }
    }
    function film() {
      if (!recorder) return;
      const { boards, words } = seen();
      layOut(canvas, boards, words, 0, true);
    }
    function toggle() {
      if (!type) { said.textContent = "This browser cannot record a film; a recorder of the whole screen can."; return; }
      if (recorder) return recorder.stop();
      const { boards, words } = seen();
      layOut(canvas, boards, words, 0, true);
      chunks = [];
      recorder = new MediaRecorder(canvas.captureStream(30), { mimeType: type, videoBitsPerSecond: 4e6 });
      recorder.ondataavailable = (event) => { if (event.data.size) chunks.push(event.data); };
      recorder.onstop = () => {
        const name = `${seen().name}.${type.startsWith("video/mp4") ? "mp4" : "webm"}`;
        recorder = null;
        press.textContent = "Record a film";
        if (!chunks.length) { said.textContent = "Nothing was recorded: press Run while it records."; return; }
        hand(new Blob(chunks, { type: type.split(";")[0] }), name);
        said.textContent = `Saved as ${name}.`;
      };
      recorder.start(500);
      press.textContent = "Stop and save the film";
      said.textContent = "Recording: press Run, and here again when you have enough.";
    }
    const press = button("Record a film", toggle);
    return { nodes: [button("Save a picture", save), press, said], film };
  }

  window.GanSave = { colours, hand, makeSaver, wrap };
})();

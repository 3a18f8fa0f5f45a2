// The board on which a game is drawn: discriminator, fabric, points, arrows; or one part of a step.
(function () {
  "use strict";
  const { element } = window.GanDom;
  const { LONGER, middle } = window.GanParts;
  const { LIMIT } = window.GanPlayground;
  const CELLS = 30, ARROWS = 50, SIDE = 24, REACH = 2.5; // squares of the ground, arrows, cells of the fabric and its latent range

  // How strong the colour of a cell of the fabric is: by the logarithm of its density, from 0.01 to 100.
  const strength = (density) => 0.06 + 0.6 * Math.max(0, Math.min(1, (Math.log10(density) + 2) / 4));

  const colours = () => document.documentElement.dataset.theme === "dark"
    ? { ground: "#14191d", ink: "#d8dee4", real: "#5fb8ea", fake: "#ff9b57", pull: "#4fd3ac", turned: "#e79be0", sides: [[95, 184, 234], [255, 155, 87]] }
    : { ground: "#ffffff", ink: "#222832", real: "#0072b2", fake: "#b54e00", pull: "#00795a", turned: "#9a4fa0", sides: [[0, 114, 178], [213, 94, 0]] };

  function makeBoard() {
    const canvas = element("canvas", { width: 480, height: 480, role: "img", class: "gan-board" });
    const cells = element("canvas", { width: CELLS, height: CELLS }), context = canvas.getContext("2d");
    let size = 480, unit = 1; // pixels of the page across the board; marks shrink with it, though less
    const place = (x) => (x / LIMIT + 1) * size / 2;
    const at = (points, k) => [place(points[2 * k]), size - place(points[2 * k + 1])];

    function begin(c) { // as many pixels as the screen has
      size = canvas.clientWidth || 480;
      unit = Math.max(0.65, size / 480);
      const sharp = Math.round(size * Math.min(3, window.devicePixelRatio || 1));
      if (canvas.width !== sharp) canvas.width = canvas.height = sharp;
      context.setTransform(sharp / size, 0, 0, sharp / size, 0, 0);
      context.setLineDash([]);
      context.globalAlpha = 1;
      context.fillStyle = c.ground;
      context.fillRect(0, 0, size, size);
    }

    function ground(values, c, centre, scale) { // blue above the centre, orange below
      const small = cells.getContext("2d"), image = small.createImageData(CELLS, CELLS);
      values.forEach((value, i) => {
        const t = Math.tanh((value - centre) / scale), [r, g, b] = c.sides[t > 0 ? 0 : 1];
        image.data.set([r, g, b, 150 * Math.abs(t)], 4 * i);
      });
      small.putImageData(image, 0, 0);
      context.drawImage(cells, 0, 0, size, size);
    }
    function surface(game, c) {
      const logits = game.surface(CELLS, LIMIT), { loss } = game.settings, centre = middle(loss, logits);
      const spread = () => Math.max(1e-9, Math.sqrt(logits.reduce((a, b) => a + (b - centre) ** 2, 0) / logits.length));
      ground(logits, c, centre, loss.startsWith("wasserstein") ? spread() : loss === "least-squares" ? 0.5 : 2);
    }

    // The grid over the latent plane where G lays it: the denser a cell, the stronger its colour. The two sides of the sheet
    // have two hues, equally light, so a fold shows where the hue changes.
    function fabric(game, c) {
      const { corners, area, density } = game.fabric(SIDE, REACH), row = SIDE + 1;
      for (let k = 0; k < area.length; k++) {
        const first = Math.floor(k / SIDE) * row + k % SIDE;
        context.beginPath();
        for (const corner of [first, first + 1, first + row + 1, first + row]) context.lineTo(...at(corners, corner));
        context.fillStyle = area[k] < 0 ? c.turned : c.fake;
        context.globalAlpha = strength(density[k]);
        context.fill();
      }
      context.globalAlpha = 0.45;
      context.strokeStyle = c.fake;
      context.lineWidth = 0.7;
      context.beginPath();
      for (let k = 0; k < row * row; k++) {
        if (k % row) { context.moveTo(...at(corners, k - 1)); context.lineTo(...at(corners, k)); }
        if (k >= row) { context.moveTo(...at(corners, k - row)); context.lineTo(...at(corners, k)); }
      }
      context.stroke();
      context.globalAlpha = 1;
    }

    function dots(points, c, r = 2.6) {
      context.fillStyle = c.real;
      context.beginPath();
      for (let k = 0; k < points.length / 2; k++) {
        const [x, y] = at(points, k);
        context.moveTo(x + r * unit, y);
        context.arc(x, y, r * unit, 0, 7);
      }
      context.fill();
    }
    function crosses(points, c, r = 3) {
      const d = r * unit;
      context.strokeStyle = c.fake;
      context.lineWidth = 1.8 * unit;
      context.beginPath();
      for (let k = 0; k < points.length / 2; k++) {
        const [x, y] = at(points, k);
        context.moveTo(x - d, y - d); context.lineTo(x + d, y + d);
        context.moveTo(x - d, y + d); context.lineTo(x + d, y - d);
      }
      context.stroke();
    }
    function arrows(points, pull, c, most) { // the longest has a fixed length, so that directions stay visible
      const n = Math.min(most, points.length / 2);
      let longest = 1e-12;
      for (let k = 0; k < n; k++) longest = Math.max(longest, Math.hypot(pull[2 * k], pull[2 * k + 1]));
      context.strokeStyle = c.pull;
      context.lineWidth = 1.8 * unit;
      context.beginPath();
      for (let k = 0; k < n; k++) {
        const [x, y] = at(points, k), [dx, dy] = [34 * unit * pull[2 * k] / longest, -34 * unit * pull[2 * k + 1] / longest];
        context.moveTo(x, y); context.lineTo(x + dx, y + dy);
        for (const turn of [2.6, -2.6]) {
          context.moveTo(x + dx, y + dy);
          context.lineTo(x + dx + 0.22 * (dx * Math.cos(turn) - dy * Math.sin(turn)), y + dy + 0.22 * (dx * Math.sin(turn) + dy * Math.cos(turn)));
        }
      }
      context.stroke();
    }

    // The game as it stands: options.show names the layers.
    function draw(game, shown, show) {
      const c = colours();
      begin(c);
      if (show.includes("surface")) surface(game, c);
      if (show.includes("fabric")) fabric(game, c);
      if (show.includes("real")) dots(shown.real, c);
      if (!show.includes("fake") && !show.includes("arrows")) return;
      const { fake, pull } = game.arrows(shown.z);
      if (show.includes("fake")) crosses(fake, c);
      if (show.includes("arrows")) arrows(fake, pull, c, ARROWS);
    }

    // One part of a step, as game.part() returned it; `before` is D's surface before it. Returns how far D's surface moved.
    function drawPart(game, part, before, show) {
      const c = colours(), { name, real, fake } = part, n = fake.length / 2;
      let rise = 0;
      begin(c);
      if (name === "moveD") {
        const change = game.surface(CELLS, LIMIT).map((v, i) => v - before[i]);
        rise = change.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
        ground(change, c, 0, Math.max(1e-12, rise / 1.5));
      } else if (show.includes("surface")) surface(game, c);
      if (name.endsWith("D") || name === "draw" || name === "judge") dots(real, c, 3);
      if (name === "gradientD") {
        const most = part.wish.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-12);
        part.wish.forEach((wish, k) => {
          const [x, y] = k < n ? at(real, k) : at(fake, k - n);
          context.globalAlpha = 0.3;
          context.fillStyle = wish > 0 ? c.real : c.fake;
          context.beginPath();
          context.arc(x, y, 13 * unit * Math.sqrt(Math.abs(wish) / most), 0, 7);
          context.fill();
        });
        context.globalAlpha = 1;
      }
      crosses(fake, c);
      if (name === "judge") {
        const m = middle(game.settings.loss, part.logits);
        part.logits.forEach((logit, k) => {
          const [x, y] = k < n ? at(real, k) : at(fake, k - n), wrong = (logit > m) !== (k < n);
          context.strokeStyle = logit > m ? c.real : c.fake;
          context.lineWidth = (wrong ? 2.6 : 1) * unit;
          context.beginPath();
          context.arc(x, y, 7 * unit, 0, 7);
          context.stroke();
        });
      }
      if (name === "gradientG") arrows(fake, part.pull, c, n);
      if (name === "moveG") {
        crosses(part.after, c);
        context.strokeStyle = c.ink;
        context.lineWidth = 1.4 * unit;
        context.beginPath();
        for (let k = 0; k < n; k++) {
          const [[x, y], [x1, y1]] = [at(fake, k), at(part.after, k)];
          context.moveTo(x, y); context.lineTo(x + LONGER * (x1 - x), y + LONGER * (y1 - y));
        }
        context.stroke();
      }
      return rise;
    }

    function mark([x, y]) { // where the keys would put a point
      context.strokeStyle = colours().ink;
      context.lineWidth = 1.5;
      context.strokeRect(place(x) - 7, size - place(y) - 7, 14, 14);
    }
    function pointAt(event) {
      const box = canvas.getBoundingClientRect();
      return [LIMIT * (2 * (event.clientX - box.left) / box.width - 1), LIMIT * (1 - 2 * (event.clientY - box.top) / box.height)];
    }
    return { canvas, draw, drawPart, mark, pointAt, cells: CELLS };
  }

  window.GanBoard = { makeBoard, strength };
})();

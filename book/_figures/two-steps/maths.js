// One sample of each kind through one step: x = theta + z, logit l = w x + b. Gradients by hand; NaN where none is computed.
(function () {
  "use strict";
  const { sigmoid, softplus } = window.GanNumbers;
  const Z = 0.5, REAL = 2, B = -1;

  function numbers({ player, detach, loss, theta, w }) {
    const x = theta + Z, l = w * x + B, l_real = w * REAL + B, D = sigmoid(l), D_real = sigmoid(l_real), forD = player === "D";
    const value = forD ? softplus(-l_real) + softplus(l) : loss === "saturating" ? -softplus(l) : softplus(-l);
    const d_l = forD ? D : loss === "saturating" ? -D : D - 1, d_real = forD ? D_real - 1 : 0; // by the logits of fake and real
    const back = detach ? NaN : d_l * w;
    const g_alone = loss === "saturating" ? -D * w : (D - 1) * w;
    return { x, l, l_real, D, D_real, loss: value, d_l, d_w: d_l * x + d_real * REAL, d_b: d_l + d_real, d_x: back, d_theta: back,
             d_real: forD ? d_real : NaN, sum: forD ? g_alone + (detach ? 0 : D * w) : NaN, alone: g_alone };
  }

  window.GanMaths["two-steps"] = { numbers };
})();

// Spot the mistake: how many statements are open, one at random, and an address that opens its statement.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const all = [...document.querySelectorAll("details.gan-statement")];
  const count = document.createElement("output"), button = document.createElement("button");
  const box = document.createElement("div");
  const opened = new Set();
  box.className = "gan-counter";
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "Statements");
  button.type = "button";
  button.textContent = "One at random";
  box.append(button, count);
  all[0].before(box);
  document.querySelector(".bd-article > section").append(box); // at the foot of the screen while one reads

  const show = () => { count.textContent = `${opened.size} of ${all.length} opened`; };
  for (const one of all) {
    one.addEventListener("toggle", () => {
      if (one.open) opened.add(one);
      show();
    });
  }

  function lead(one) {
    for (const other of all) other.classList.toggle("gan-drawn", other === one);
    one.scrollIntoView({ block: "center" });
    one.querySelector("summary").focus({ preventScroll: true });
  }

  button.addEventListener("click", () => {
    const left = all.filter((one) => !opened.has(one));
    const from = left.length ? left : all;
    lead(from[Math.floor(Math.random() * from.length)]);
  });

  // An address such as mistakes.html#m17 shows that statement; its answer stays closed
  const follow = () => {
    const one = document.getElementById(location.hash.slice(1));
    if (all.includes(one)) lead(one);
  };
  addEventListener("hashchange", follow);
  addEventListener("load", () => setTimeout(follow)); // after the browser's own way to the place
  show();
});

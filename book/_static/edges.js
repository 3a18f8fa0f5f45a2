// Formulas, tables and code that go on beyond their right edge fade there, until one has scrolled to their end, with a finger
// or with the keys.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const end = (part) => { // of a formula its glyphs, since MathJax keeps wider text for speech beside them
    const glyphs = part.matches(".math") && part.querySelector("mjx-math");
    return glyphs ? glyphs.getBoundingClientRect().right - part.getBoundingClientRect().right
      : part.scrollWidth - part.clientWidth - part.scrollLeft;
  };
  const look = (part) => {
    const beyond = end(part), scroller = part.matches("div.math") ? part.querySelector("mjx-container") : part;
    part.classList.toggle("gan-more", beyond > 2);
    const scrolls = beyond + scroller.scrollLeft > 2;
    if (scrolls) scroller.tabIndex = 0;
    else scroller.removeAttribute("tabindex");
    if (part.matches(":is(td, th) span.math")) return; // its table scrolls
    const rounding = !scrolls && scroller.scrollWidth > scroller.clientWidth; // hides nothing, so no finger need scroll it
    scroller.style.overflowX = rounding ? "hidden" : "";
  };
  const watch = new ResizeObserver((entries) => entries.forEach((entry) => look(entry.target)));
  const parts = document.querySelectorAll(".bd-article :is(div.math, span.math, table, pre)");
  for (const part of parts) {
    watch.observe(part);
    part.addEventListener("scroll", () => look(part), { passive: true, capture: true });
  }
});

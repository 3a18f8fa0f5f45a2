// What a widget needs that stands far below (pictures of a run, weights of a network) is fetched when a reader comes near.
(function () {
  "use strict";
  const near = new IntersectionObserver((seen) => {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      const script = document.createElement("script");
      script.addEventListener("error", () => { target.querySelector("figcaption").textContent = "This part could not be fetched; reload the page to try again."; });
      script.src = target.dataset.ganNear;
      document.head.append(script);
    }
  }, { rootMargin: "1000px" });
  for (const root of document.querySelectorAll("[data-gan-near]")) near.observe(root);
})();

// Diagnose this run: say what you think before you read. The names are those at the head of the page's own diagnoses.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const folds = [...document.querySelectorAll("details.sd-dropdown")]
    .filter((fold) => fold.querySelector(".sd-summary-text").textContent.trim() === "Diagnosis");
  const nameOf = (fold) => {
    const words = fold.querySelector("strong").textContent.replace(/\.$/, "");
    return /healthy/.test(words) ? "Nothing: it is healthy" : words;
  };
  const names = [...new Set(folds.map(nameOf))].sort();
  for (const fold of folds) {
    const box = document.createElement("fieldset"), legend = document.createElement("legend");
    const row = document.createElement("div"), said = document.createElement("output");
    box.className = "gan-guess";
    legend.textContent = "What is wrong with it?";
    for (const name of names) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", () => {
        const right = name === nameOf(fold);
        for (const other of row.children) {
          other.setAttribute("aria-pressed", String(other === button));
          other.classList.toggle("gan-hit", other.textContent === nameOf(fold));
        }
        said.textContent = right ? "✓ Yes; the reasons are below." : `✗ No. ${nameOf(fold)}; the reasons are below.`;
        fold.open = true;
      });
      row.append(button);
    }
    box.append(legend, row, said);
    fold.before(box);
  }
});

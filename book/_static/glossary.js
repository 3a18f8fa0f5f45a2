// Glossary: a box that leaves the entries in which its words occur.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const list = document.querySelector("dl.glossary"), letters = document.querySelector(".gan-letters");
  const entries = [...list.querySelectorAll("dt")].map((term) => {
    const parts = [term];
    for (let next = term.nextElementSibling; next && next.tagName !== "DT"; next = next.nextElementSibling) parts.push(next);
    return { parts, words: parts.map((part) => part.textContent).join(" ").toLowerCase() };
  });
  const box = document.createElement("div"), label = document.createElement("label");
  const input = document.createElement("input"), count = document.createElement("output");
  box.className = "gan-filter";
  input.type = "search";
  input.id = "gan-glossary-filter";
  label.htmlFor = input.id;
  label.textContent = "Filter, in English or Chinese";
  box.append(label, input, count);
  letters.before(box);
  function filter() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const entry of entries) {
      const fits = words.every((word) => entry.words.includes(word));
      for (const part of entry.parts) part.hidden = !fits;
      shown += fits;
    }
    letters.hidden = words.length > 0;
    count.textContent = `${shown} of ${entries.length}`;
  }
  input.addEventListener("input", filter);
  filter();
});

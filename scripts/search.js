// How the search ranks pages: those that explain before those that ask, and exercises last.
var Scorer = {
  score: ([page, , , , score]) => score + (/\/(exercises|lab)$/.test(page) ? -5 : /\/index$|glossary$/.test(page) ? 5 : 0),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
// Excerpts quote sentences: neither a page's list of contents nor its code.
document.addEventListener("DOMContentLoaded", () => {
  if (typeof Search === "undefined") return;
  const plain = Search.htmlToText;
  Search.htmlToText = (text, anchor) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    for (const part of page.querySelectorAll("#jb-print-docs-body, pre, .gan-control, details.toggle-details")) part.remove();
    return plain(page.documentElement.outerHTML, anchor);
  };
});

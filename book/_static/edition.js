// Lists the editions of the book below each page, and tells the reader of an old one that a newer exists.
// versions.js, which scripts/versions.py writes, knows them; a site that stands alone has one and shows no list.
(() => {
  "use strict";
  const {version, newest, root, editions, kept} = window.ganVersions;
  if (editions.length < 2) return;
  const top = document.documentElement.dataset.content_root + root;
  const link = (words, address) => Object.assign(document.createElement("a"), {textContent: words, href: top + address});

  const line = document.querySelector(".gan-edition"), list = document.createElement("ul");
  for (const {name, path} of editions) {
    const item = document.createElement("li");
    item.append(link(name, `${path}index.html`));
    list.append(item);
  }
  const fold = document.createElement("details"), title = document.createElement("summary");
  title.textContent = line.textContent;
  fold.className = "gan-edition";
  fold.append(title, list);
  line.replaceWith(fold);

  const age = (name) => name.split(".").reduce((sum, part) => sum * 10000 + Number(part), 0);
  if (age(version) < age(newest)) {
    const page = `${DOCUMENTATION_OPTIONS.pagename}.html`, note = document.createElement("div");
    note.className = "gan-old-edition";
    note.setAttribute("role", "note");
    note.append(`This is edition ${version} of the book. `, link(`Read edition ${newest}`, kept.includes(page) ? page : "index.html"), ".");
    (document.querySelector(".bd-article, .bd-search-container") ?? document.querySelector("main")).prepend(note);
  }
})();

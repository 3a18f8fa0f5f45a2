// The service worker of the site: pages that are kept on a reader's device open without a network.
//
// The build writes BOOK above these lines: {files: {path: [hash, bytes]}, pages: {path: {title, needs: [paths]}}, chapters:
// [pages], hashed: bytes of a hash}. A kept file is stored under its path and hash, so that a new build replaces what has
// changed and fetches nothing else again.
// A page comes from the network, and from the device where the network fails or is slow. As long as the worker lives, a
// page from the device takes its files from there, so that those of two builds do not mix; any other asks the network
// first. A browser may stop a worker that rests. Nothing but the files of the list is answered.

const HOME = new URL(self.registration.scope);
const STORE = `book at ${HOME.pathname}`; // all books of a server share one storage
const PATIENCE = 3000; // milliseconds for the network to begin an answer, before a kept page is shown
const fromDevice = new Set(); // open pages that came from the device

const addressOf = (path) => new URL(path.split("/").map(encodeURIComponent).join("/"), HOME).href;
const keyOf = (path) => `${addressOf(path)}?${BOOK.files[path][0]}`;

/** The path in BOOK.files that an address asks for, if any. */
function pathOf(address) {
  const url = new URL(address);
  if (url.origin !== HOME.origin || !url.pathname.startsWith(HOME.pathname)) return undefined;
  let path = url.pathname.slice(HOME.pathname.length);
  try {
    path = decodeURIComponent(path);
  } catch {
    return undefined; // no name of a file
  }
  if (path === "" || path.endsWith("/")) path += "index.html";
  return [path, `${path}.html`].find((one) => Object.hasOwn(BOOK.files, one)); // some servers leave .html out
}

async function hashOf(body) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  return [...bytes.subarray(0, BOOK.hashed)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What the network answers; a server that is down or overrun has not answered. */
async function fromNetwork(...request) {
  const answer = await fetch(...request);
  if (answer.status === 429 || answer.status >= 500) throw new TypeError(`The server answered ${answer.status}.`);
  return answer;
}

/** Keep files; return what went wrong: "", "network", "full" (no room), or "other" where what came is not the list's. */
async function keep(paths) {
  const store = await caches.open(STORE), problems = new Set();
  await Promise.all(paths.map(async (path) => {
    if (!Object.hasOwn(BOOK.files, path)) return problems.add("other"); // a page of an older build asks for it
    try {
      if (await store.match(keyOf(path))) return;
      const answer = await fromNetwork(addressOf(path), { cache: "no-cache", signal: AbortSignal.timeout(60_000) });
      const body = await answer.arrayBuffer();
      if (!answer.ok || (await hashOf(body)) !== BOOK.files[path][0]) problems.add("other");
      else await store.put(keyOf(path), new Response(body, { headers: { "Content-Type": answer.headers.get("Content-Type") } }));
    } catch (error) {
      problems.add(error.name === "QuotaExceededError" ? "full" : "network");
    }
  }));
  return ["full", "network", "other"].find((problem) => problems.has(problem)) ?? "";
}

/** The paths that some build has kept here. */
async function kept() {
  const keys = await (await caches.open(STORE)).keys();
  return new Set(keys.map((key) => pathOf(key.url)).filter(Boolean));
}

/** Which of these pages' files are kept here as they are, and which are not. */
async function state(pages) {
  const store = await caches.open(STORE), here = new Set((await store.keys()).map((key) => key.url));
  const paths = [...new Set(pages.flatMap((page) => [page, ...BOOK.pages[page].needs]))];
  const sum = (some) => some.reduce((bytes, path) => bytes + BOOK.files[path][1], 0);
  const missing = paths.filter((path) => !here.has(keyOf(path)));
  return { missing: missing.map((path) => [path, BOOK.files[path][1]]), bytes: sum(paths), left: sum(missing) };
}

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil((async () => { // what an older build kept comes along; until all of it has come, the older build stays
    const problem = await keep([...await kept()]);
    if (problem) throw new Error(`Not all files came (${problem}); the next visit tries again.`);
  })());
});

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  const store = await caches.open(STORE), listed = new Set(Object.keys(BOOK.files).map(keyOf));
  await Promise.all((await store.keys()).filter((key) => !listed.has(key.url)).map((key) => store.delete(key)));
  await self.clients.claim();
})()));

// What offline.js asks for
self.addEventListener("message", (event) => event.waitUntil((async () => {
  const { ask, address, of, paths } = event.data, [port] = event.ports, pages = Object.keys(BOOK.pages);
  const groups = { this: () => pages.filter((page) => page === pathOf(address)), chapters: () => BOOK.chapters, all: () => pages };
  if (ask === "state") port.postMessage(await state(groups[of]()));
  if (ask === "keep") port.postMessage(await keep(paths));
  if (ask === "forget") port.postMessage(await caches.delete(STORE));
})()));

/** What a reader sees who asks for a page that is not here. */
async function notHere() {
  const here = await kept(), pages = Object.keys(BOOK.pages).filter((page) => here.has(page));
  const list = pages.map((page) => `<li><a href="${addressOf(page)}">${BOOK.pages[page].title}</a></li>`).join("\n");
  const words = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Not on this device</title><style>:root { color-scheme: light dark } body { font: 1.1rem/1.6 system-ui, sans-serif;
max-width: 40rem; margin: 2rem auto; padding: 0 1rem }</style><main><h1>This page is not on this device</h1>
<p>The site does not answer, and this page was not kept. Try again when there is a network.</p>
<p>Kept here:</p><ul>${list}</ul></main></html>`;
  return new Response(words, { status: 503, headers: { "Content-Type": "text/html; charset=utf-8" } });
}

async function answer(event, path) {
  const { request } = event, opens = request.mode === "navigate"; // its clientId may be that of the page left behind
  const store = await caches.open(STORE), here = await store.match(keyOf(path));
  if (here && !opens && fromDevice.has(event.clientId)) return here;
  const network = fromNetwork(request);
  if (here) {
    const patience = new Promise((_, refuse) => opens && setTimeout(refuse, PATIENCE));
    return Promise.race([network, patience]).catch(() => {
      if (event.resultingClientId) fromDevice.add(event.resultingClientId);
      return here;
    });
  }
  return network.catch((error) => {
    if (opens) return notHere();
    // The search reads pages to quote them: from a page that is not here there is no quotation
    if (request.destination === "" && Object.hasOwn(BOOK.pages, path)) return new Response("");
    throw error;
  });
}

self.addEventListener("fetch", (event) => {
  const path = event.request.method === "GET" && !event.request.headers.has("range") && pathOf(event.request.url);
  if (path) event.respondWith(answer(event, path));
});

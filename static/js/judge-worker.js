// Answers a judge's own pages from this device while there is no line. The server is always asked first; only the list
// and the sheets are kept, never files. Signing out, or another judge on this device, empties the store (score-queue.js).
const KEPT = "leitai-judge";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

function isKept(request) {
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return false;
  return pathname.startsWith("/static/") || (request.mode === "navigate" && /^\/judge(\/sheets\/\d+)?$/.test(pathname));
}

async function answer(request) {
  const cache = await caches.open(KEPT);
  const old = () => cache.match(request, { ignoreVary: true });
  let fresh;
  try {
    fresh = await fetch(request);
  } catch (error) {
    const copy = await old();
    if (copy) return copy;
    throw error;
  }
  if (fresh.status >= 500) return (await old()) ?? fresh;
  if (fresh.status === 200) await cache.put(request, fresh.clone()).catch(() => {});
  return fresh;
}

self.addEventListener("fetch", (event) => {
  if (isKept(event.request)) event.respondWith(answer(event.request));
});

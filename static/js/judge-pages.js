// The judge's pages on this device: a worker that answers them off line (HTTPS only), one judge's pages at a time.
const KEPT = "leitai-judge";
const OWNER = "leitai-judge-owner";

export async function keepPages({ user, worker }) {
  if (!navigator.serviceWorker) return; // plain HTTP: the queue works, a reload off line does not
  try {
    if (localStorage.getItem(OWNER) !== user) await forgetPages();
    localStorage.setItem(OWNER, user);
    await navigator.serviceWorker.register(worker, { scope: "/judge" });
    await navigator.serviceWorker.ready;
    const cache = await caches.open(KEPT);
    const parts = performance.getEntriesByType("resource").map(({ name }) => name);
    const own = parts.filter((name) => name.startsWith(`${location.origin}/static/`));
    const missing = [];
    for (const name of [location.href.split("#")[0], ...new Set(own)]) {
      if (!(await cache.match(name, { ignoreVary: true }))) missing.push(name);
    }
    await Promise.all(missing.map((name) => cache.add(name)));
    document.documentElement.dataset.keptOffline = "1";
  } catch {
    // No line yet, or a browser that keeps nothing: scores are kept all the same.
  }
}

export function forgetPages() {
  return window.caches?.delete(KEPT);
}

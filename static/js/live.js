// The wallet page while it is open: what came in is there within five seconds, without the page being loaded again.
// Asking is no use of the session, and a hidden page does not ask. Without this file the page stays as it was loaded.
const wallet = document.querySelector("[data-latest]");
const ASK_MS = 4000;
const LATER_MS = 30_000; // after a failure
let tag = ""; // of what was shown last
let seen = Number(wallet.dataset.seq);
let asking = 0;
let next;

// The part in the page gives way to the fresh one; a link of it that had the focus keeps it.
function renew(fresh) {
  const part = document.querySelector(`[data-live="${fresh.dataset.live}"]`);
  if (!part || part.isEqualNode(fresh)) return;
  const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  part.replaceWith(fresh);
  if (focused === null) return;
  const links = [...fresh.querySelectorAll("a")];
  (links.find((link) => link.getAttribute("href") === focused) ?? links[0])?.focus({ preventScroll: true });
}

function show(page) {
  for (const fresh of page.querySelectorAll("[data-live]")) renew(document.importNode(fresh, true));
  const news = [...page.querySelectorAll("[data-news] [data-seq]")].filter((line) => Number(line.dataset.seq) > seen);
  if (news.length) {
    say.textContent = news.map((line) => line.textContent.trim()).join(" ");
    seen = Math.max(...news.map((line) => Number(line.dataset.seq)));
  }
  maskInTime();
}

// In how many milliseconds to ask again; nothing when the session has ended.
async function ask() {
  try {
    const headers = tag ? { "If-None-Match": tag } : {};
    const answer = await fetch(wallet.dataset.latest, { headers, cache: "no-store", redirect: "manual" });
    if (answer.type === "opaqueredirect") return null;
    if (answer.status === 304) return ASK_MS;
    if (!answer.ok) return LATER_MS;
    tag = answer.headers.get("ETag");
    show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    return ASK_MS;
  } catch {
    return LATER_MS;
  }
}

async function watchWallet() {
  const turn = ++asking; // of two that overlap, only the later one goes on
  const pause = document.hidden ? null : await ask();
  if (pause !== null && turn === asking) next = setTimeout(watchWallet, pause);
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(next);
  if (!document.hidden) watchWallet();
});
next = setTimeout(watchWallet, ASK_MS);

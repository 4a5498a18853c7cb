// The live list: counts move, and rows say who has them, without a reload. The stream is open while the page is seen,
// since a browser opens six connections to a site and no more. Without a stream the page is loaded anew on coming back.

const region = document.querySelector("[data-live]");
const staleAfter = 30_000;
const loadedAt = Date.now();
let stream = null;

const shown = (count) => (count > 1000 ? region.dataset.many : count.toLocaleString(document.documentElement.lang));

/** Write the counts of each queue's card, and show what stands there only with or without some. */
function showCounts(queues) {
  for (const [slug, counts] of Object.entries(queues)) {
    const card = document.getElementById(`queue-${slug}`);
    for (const place of card?.querySelectorAll("[data-count]") ?? []) place.textContent = shown(counts[place.dataset.count]);
    const isThere = { overdue: counts.overdue, work: counts.waiting || card?.hasAttribute("data-holding") };
    for (const part of card?.querySelectorAll("[data-with]") ?? []) part.hidden = !isThere[part.dataset.with];
    for (const part of card?.querySelectorAll("[data-without]") ?? []) part.hidden = Boolean(isThere[part.dataset.without]);
  }
}

/** Say of each row who holds it now, and who decided it; a decided one goes faint in place. */
function showRows({ held, closed }) {
  const holders = new Map(held);
  for (const row of document.querySelectorAll("[data-round]:not(.handled)")) {
    const name = holders.get(Number(row.dataset.round)) ?? "";
    const holder = row.querySelector("[data-holder]");
    if (holder.dataset.holder === name) continue;
    holder.dataset.holder = name;
    holder.textContent = name ? region.dataset.held.replace("{name}", name) : region.dataset.nobody;
  }
  for (const [round, name] of closed) {
    const row = document.querySelector(`[data-round="${round}"]:not(.handled)`);
    if (!row) continue;
    row.classList.add("handled");
    row.querySelector("[data-holder]").textContent = region.dataset.decided.replace("{name}", name);
  }
}

function look() {
  stream ??= new EventSource(region.dataset.live);
  stream.addEventListener("counts", ({ data }) => showCounts(JSON.parse(data)));
  stream.addEventListener("rows", ({ data }) => showRows(JSON.parse(data)));
}

function lookAway() {
  stream?.close();
  stream = null;
}

/** There is no stream, or it has ended for good: what the page shows may be old. */
function refresh() {
  const isTyping = document.activeElement?.matches("input, textarea, select");
  const isLive = stream && stream.readyState !== EventSource.CLOSED;
  if (!isLive && !isTyping && Date.now() - loadedAt > staleAfter) location.reload();
}

if (region) {
  look();
  addEventListener("focus", refresh);
  addEventListener("pagehide", lookAway);
  addEventListener("pageshow", ({ persisted }) => persisted && look());
  document.addEventListener("visibilitychange", () => (document.hidden ? lookAway() : stream || look()));
}

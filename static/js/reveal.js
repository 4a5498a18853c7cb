// Covered content: <details class="covered" data-reveal="URL">. Opening it is the reveal, and the reveal is told to the
// server by a beacon, once per cover, so that exposure is counted without making the reader wait.

const told = new WeakSet();

/** Open all covered content, or cover it again if all of it is open. */
function toggleCovers() {
  const covers = [...document.querySelectorAll("details.covered")];
  const open = covers.some((cover) => !cover.open);
  for (const cover of covers) cover.open = open;
}

function tell(cover) {
  if (!cover.open || !cover.dataset.reveal || told.has(cover)) return;
  told.add(cover);
  const headers = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
  fetch(cover.dataset.reveal, { method: "POST", headers, keepalive: true }).catch(() => told.delete(cover));
}

addEventListener("toggle", (event) => event.target.matches("details.covered") && tell(event.target), true);
addEventListener("click", (event) => {
  if (event.target.closest("[data-do=reveal]")) toggleCovers();
});

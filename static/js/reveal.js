// Covered content: <details class="covered" data-reveal="URL">. Opening it is the reveal. The server is told of it at once,
// and later of the seconds that it stood open before someone, so that exposure is counted without making the reader wait.

const every = 60; // seconds at most between two notes
const idle = 120_000; // after so long without a key or the pointer nobody counts as reading
const covers = () => [...document.querySelectorAll("details.covered")];
let address; // of what stands open
let seconds = 0;
let activeAt = Date.now();

/** Open all covered content, or cover it again if all of it is open. */
function toggleCovers() {
  const open = covers().some((cover) => !cover.open);
  for (const cover of covers()) cover.open = open;
}

function tell() {
  const headers = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
  fetch(address, { method: "POST", headers, body: new URLSearchParams({ seconds }), keepalive: true }).catch(() => {});
  seconds = 0;
}

/** Tell what is left of what stood open, when it is covered or leaves; and of what stands open now. */
function look() {
  const open = covers().find((cover) => cover.open && cover.dataset.reveal)?.dataset.reveal;
  if (open === address) return;
  if (seconds) tell();
  address = open;
  if (address) tell();
}

function count() {
  look();
  if (!address || document.hidden || Date.now() - activeAt > idle) return;
  seconds += 1;
  if (seconds >= every) tell();
}

const leave = () => seconds && tell();

addEventListener("toggle", look, true);
addEventListener("submit", leave, true);
addEventListener("pagehide", leave);
setInterval(count, 1000);
look();
for (const activity of ["keydown", "pointermove", "wheel"])
  addEventListener(activity, () => (activeAt = Date.now()), { passive: true });
addEventListener("click", (event) => {
  if (event.target.closest("[data-do=reveal]")) toggleCovers();
});

// Covers: opening <details class="covered" data-reveal="URL"> is the reveal. The server is told of it, and of the seconds
// that it stood open, while someone is there, so that exposure is counted without making the reader wait.

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

const leave = () => seconds && tell();

function look() {
  const label = document.querySelector("[data-open] > .label"); // of the button: what it does now
  if (label) label.textContent = label.parentElement.dataset[covers().every(({ open }) => open) ? "open" : "covered"];
  const open = covers().find((cover) => cover.open && cover.dataset.reveal)?.dataset.reveal;
  if (open === address) return;
  leave();
  address = open;
  if (address) tell();
}

setInterval(() => {
  look();
  if (address && !document.hidden && Date.now() - activeAt < 120_000 && ++seconds > 59) tell();
}, 1000);
look();
addEventListener("toggle", look, true);
addEventListener("submit", leave, true);
addEventListener("pagehide", leave);
for (const activity of ["keydown", "pointermove", "wheel"]) addEventListener(activity, () => (activeAt = Date.now()));
addEventListener("click", ({ target }) => target.closest("[data-do=reveal]") && toggleCovers());

// Opening <details data-reveal="URL"> is the reveal. The server is told, and of the seconds that the newest stood open.

const covers = () => [...document.querySelectorAll("details.covered")];
let address;
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

function look({ target } = {}) {
  const label = document.querySelector("[data-open] > .label"); // of the button: what it does now
  if (label) label.textContent = label.parentElement.dataset[covers().every(({ open }) => open) ? "open" : "covered"];
  const find = (of = "") => document.querySelector(`[open][data-reveal${of}]`);
  const open = (target?.dataset?.reveal && target.open ? target : (find(`="${address}"`) ?? find()))?.dataset.reveal;
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

// The hold on an item: renewed while the reviewer works, said aloud when two minutes are left, let go when they leave.

const renewEvery = 120_000;
const soon = 120_000;
const letGo = 180_000; // so long an item stays after its reviewer left, as the server has it
let renewedAt = Date.now();

function renew() {
  if (Date.now() - renewedAt < renewEvery) return;
  renewedAt = Date.now();
  document.querySelector("[data-lease-form]")?.dispatchEvent(new CustomEvent("renew"));
  look();
}

/** Say that the reader is here, and show who else is. */
async function look() {
  const form = document.querySelector("#here");
  const answer = form && (await fetch(form.action, { method: "POST", body: new FormData(form) }).catch(() => null));
  if (answer?.ok && !answer.redirected) form.querySelector("span").textContent = await answer.text();
}

/** Renew at once what was let go on the way here. */
function renewSoon() {
  const lease = document.querySelector("#lease");
  if (!lease || Date.parse(lease.dataset.until) - Date.now() > letGo) return;
  renewedAt = 0;
  renew();
}

function leave() {
  for (const form of document.querySelectorAll("[data-leave]")) navigator.sendBeacon(form.dataset.leave, new FormData(form));
}

function warn() {
  const lease = document.querySelector("#lease");
  if (!lease) return;
  const isSoon = Date.parse(lease.dataset.until) - Date.now() < soon;
  lease.querySelector("[data-lease=soon]").hidden = !isSoon;
  lease.querySelector("[data-lease=held]").hidden = isSoon;
}

for (const activity of ["keydown", "pointerdown", "wheel"]) addEventListener(activity, renew, { passive: true });
setInterval(warn, 15_000);
addEventListener("pagehide", leave);
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  renewedAt = 0;
  renew();
});
addEventListener("load", renewSoon);
addEventListener("focusin", ({ target }) => target.form?.dataset.notes && import(target.form.dataset.notes));
addEventListener("htmx:load", ({ target }) => target.querySelector("#here") && look()); // also of the next item

// The hold on an item: renewed while the reviewer works, and said aloud when two minutes are left.

const renewEvery = 120_000;
const soon = 120_000;
let renewedAt = Date.now();

function renew() {
  const form = document.querySelector("[data-lease-form]");
  if (!form || Date.now() - renewedAt < renewEvery) return;
  renewedAt = Date.now();
  form.dispatchEvent(new CustomEvent("renew"));
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

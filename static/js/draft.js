// What is typed into a form with data-draft is kept by the server, never in the browser: soon after the last change, as
// the page is left, and again once a lost network is back. data-sent: it travels.

let timer;
let unsaved = null;

const urlOf = (form) => form.dataset.draft;
const isOpen = (form) => form?.isConnected && !("sent" in form.dataset);

async function save() {
  const form = unsaved;
  if (!isOpen(form)) return;
  unsaved = null;
  try {
    await fetch(urlOf(form), { method: "POST", body: new FormData(form), keepalive: true });
  } catch {
    unsaved ??= form; // no network: "online" or the next change tries again
  }
}

for (const name of ["input", "change"])
  addEventListener(name, ({ target }) => {
    const form = target.closest("form[data-draft]");
    if (!form) return;
    if (form !== unsaved) save();
    unsaved = form;
    clearTimeout(timer);
    timer = setTimeout(save, 500);
  });
addEventListener("online", save);
for (const name of ["beforeunload", "pagehide"])
  addEventListener(name, () => {
    if (isOpen(unsaved)) navigator.sendBeacon(urlOf(unsaved), new FormData(unsaved));
    unsaved = null;
  });
addEventListener("submit", ({ target }) => {
  if (target !== unsaved || target.matches(".decision")) return;
  clearTimeout(timer); // it travels with the form; kept as well, it would come back as not saved
  unsaved = null;
});

// What htmx leaves to us: where the focus goes after a swap, what is said when the server did not answer, and toasts.

const alerts = () => document.querySelector("#alerts");
const isFetched = (part) => part.matches("[hx-trigger=load]"); // by the page itself

/** Show one of the sentences that base.html wrote beside the region: by name, or for a status, which stands beneath it. */
function say(name, status) {
  name ??= { 200: "signed-out", 403: "forbidden", 404: "gone", 429: "slower" }[status] ?? "failed";
  const notice = document.querySelector("#alert-sentences").content.querySelector(`[data-sentence=${name}]`).cloneNode(true);
  notice.querySelector("[data-status]")?.replaceChildren(status ?? "");
  alerts().replaceChildren(notice);
}

addEventListener("say", ({ detail }) => say(detail.name, detail.status));
for (const name of ["htmx:sendError", "htmx:timeout"]) addEventListener(name, () => say("unreachable"));
addEventListener("htmx:responseError", ({ detail }) => say(null, detail.xhr.status));
// What ended at the sign-in page was sent after the session had ended: say so instead of swapping that page in.
// A part that the page fetches by itself may be gone, as once the item is decided: no error.
addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.status === 404 && isFetched(detail.target)) detail.isError = false;
  const signIn = document.querySelector("#alert-sentences").content.querySelector("[data-sentence=signed-out] a");
  if (new URL(detail.xhr.responseURL).pathname !== signIn.getAttribute("href")) return;
  detail.shouldSwap = false;
  say("signed-out");
});
addEventListener("htmx:beforeRequest", ({ target }) => target.matches("#lease, [hx-trigger=load]") || alerts().replaceChildren());

// Focus: a swap may say where it goes ([data-focus]); an error summary always takes it; a row that left hands it to the
// row that took its place, else to the heading. Where nothing had it, as while a page loads its parts, nothing takes it.
let rowBefore = -1;
let hadFocus = false;
const rows = () => [...document.querySelectorAll("[data-row]")];

addEventListener("htmx:beforeSwap", () => {
  hadFocus = document.activeElement !== document.body;
  rowBefore = rows().indexOf(document.activeElement.closest("[data-row]"));
});
addEventListener("htmx:afterSettle", ({ target }) => {
  const named = target.matches("[data-focus]") ? target : target.querySelector("[data-focus]");
  if (named) return named.focus();
  if (!hadFocus || document.activeElement !== document.body) return;
  const row = rows()[Math.min(rowBefore, rows().length - 1)];
  const next = row?.matches("[tabindex]") ? row : row?.querySelector("a, button");
  (next ?? document.querySelector("h1"))?.focus();
});

// Toasts stay 8 s, and as long as the pointer or the focus is on them.
const stay = 8000;

function expire(toast) {
  if (toast.matches(":hover, :focus-within")) setTimeout(expire, stay, toast);
  else toast.remove();
}

function watchToasts() {
  for (const toast of document.querySelectorAll(".toast:not([data-timed])")) {
    toast.dataset.timed = "";
    setTimeout(expire, stay, toast);
  }
}

watchToasts();
addEventListener("htmx:load", watchToasts);
addEventListener("click", (event) => {
  if (event.target.closest("[data-do=dismiss]")) event.target.closest(".toast, .notice").remove();
});

// A form with an error summary arrives with the focus on it.
document.querySelector("main [data-focus]")?.focus();

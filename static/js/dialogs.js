// A short form that htmx fetched into a dialog opens it; "close" closes it. Without script its link leads to a page.

addEventListener("htmx:afterSwap", ({ target }) => {
  const dialog = target.closest("dialog");
  if (dialog && !dialog.open) dialog.showModal();
});
addEventListener("click", (event) => {
  const dialog = event.target.closest("dialog [data-do=close]")?.closest("dialog");
  if (!dialog) return;
  event.preventDefault();
  dialog.close();
});

// "take" and "dismiss" press the button of the row that is at hand which says data-press so; where none is, the first is at hand.

addEventListener("click", ({ target }) => {
  const what = target.closest("[data-do=take], [data-do=dismiss]")?.dataset.do;
  if (!what) return;
  const row = document.activeElement.closest("[data-row]");
  if (row) return row.querySelector(`[data-press="${what}"]`)?.click();
  const first = document.querySelector("[data-row]");
  (first?.matches("[tabindex]") ? first : first?.querySelector("a, button"))?.focus({ focusVisible: true });
});

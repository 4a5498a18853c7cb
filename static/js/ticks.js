// Rows with a box: data-do="select-to" ticks all from the row ticked last to the current one; data-selected counts them.

const rows = () => [...document.querySelectorAll("[data-row]")];
const boxOf = (row) => row?.querySelector("[type=checkbox]");
let last;

function tell() {
  document.querySelector("[data-selected]").textContent = rows().filter((row) => boxOf(row)?.checked).length;
}

/** Give all rows between the one ticked last and `row` what that one has. */
function tickTo(row) {
  const [from, to] = [rows().indexOf(last), rows().indexOf(row)].sort((a, b) => a - b);
  if (from < 0) return boxOf(row)?.click();
  for (const one of rows().slice(from, to + 1)) boxOf(one).checked = boxOf(last).checked;
  tell();
}

addEventListener("change", ({ target }) => {
  if (!target.matches("[data-row] [type=checkbox]")) return;
  last = target.closest("[data-row]");
  tell();
});
addEventListener("click", ({ target }) => {
  if (target.closest("[data-do=select-to]")) tickTo(document.activeElement.closest("[data-row]"));
});
addEventListener("pageshow", tell); // the browser may have kept what was ticked

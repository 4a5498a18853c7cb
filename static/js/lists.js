// Walking lists: any element with data-row, by the controls that say data-do="next", "previous" or "select".

const rows = () => [...document.querySelectorAll("[data-row]")];
const currentRow = () => document.activeElement.closest("[data-row]");

function enter(row) {
  const target = row?.matches("[tabindex]") ? row : row?.querySelector("a, button");
  target?.focus({ focusVisible: true });
}

function move(step) {
  const all = rows();
  const now = all.indexOf(currentRow());
  enter(all[Math.min(Math.max(now + step, 0), all.length - 1)]);
}

const doings = {
  next: () => move(1),
  previous: () => move(-1),
  select: () => currentRow()?.querySelector("[type=checkbox]")?.click(),
};

addEventListener("click", (event) => doings[event.target.closest("[data-do]")?.dataset.do]?.());

// Tables that fold on a small screen lose their head: each cell takes the name of its column along.

const named = (cell) => (cell.querySelector(".visually-hidden") ? "" : cell.textContent.trim());

function label() {
  for (const table of document.querySelectorAll(".table.folds")) {
    const names = [...(table.tHead?.rows[0]?.cells ?? [])].flatMap((cell) => Array(cell.colSpan).fill(named(cell)));
    for (const row of table.querySelectorAll("tbody tr")) {
      let place = 0;
      for (const cell of row.cells) {
        const isNamed = cell.matches("td") && cell.textContent.trim() && !cell.querySelector("label, .button");
        if (isNamed && names[place]) cell.dataset.column = names[place];
        place += cell.colSpan;
      }
    }
  }
}

label();
addEventListener("htmx:load", label);

// Finding a clause by words: a combobox over the options of the <datalist> that its field names. What is typed may be a
// part of a word, or share its pairs of letters, as slips of the hand do. The best stand first.

const most = 8;
const wordsOf = (text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);
const pairsOf = (word) => [...word].slice(1).map((letter, place) => word[place] + letter);

/** Rate how well a typed word fits a word of the clause: 0 not at all. */
function fit(typed, word) {
  if (word.startsWith(typed)) return 3;
  if (typed.length < 3) return 0;
  if (word.includes(typed)) return 2;
  const pairs = pairsOf(typed);
  const shared = pairs.filter((pair) => pairsOf(word).includes(pair)).length / pairs.length;
  return typed.length > 3 && shared >= 0.5 ? shared : 0;
}

function score(typed, option) {
  const words = wordsOf(`${option.textContent} ${option.value}`);
  const fits = typed.map((one) => Math.max(...words.map((word) => fit(one, word))));
  return fits.includes(0) ? 0 : fits.reduce((sum, one) => sum + one, 0);
}

function found(field) {
  const typed = wordsOf(field.value);
  const scored = [...field.clauses.options].map((option) => ({ option, score: score(typed, option) }));
  const fitting = scored.filter((one) => !typed.length || one.score);
  return fitting.sort((a, b) => b.score - a.score).slice(0, most).map(({ option }) => option);
}

function drawn(option, place, field) {
  const [row, key] = [document.createElement("li"), document.createElement("span")];
  Object.assign(row, { id: `${field.id}-${place}`, role: "option" });
  row.dataset.value = option.value;
  Object.assign(key, { className: "clause-key", textContent: option.value });
  row.append(option.textContent, " ", key);
  return row;
}

const listOf = (field) => field.parentElement.querySelector("[role=listbox]");
const chosenIn = (list) => list.querySelector("[aria-selected=true]");

function choose(field, row) {
  chosenIn(listOf(field))?.removeAttribute("aria-selected");
  row?.setAttribute("aria-selected", "true");
  row?.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", row?.id ?? "");
}

function show(field, rows) {
  listOf(field).replaceChildren(...rows);
  listOf(field).hidden = !rows.length;
  field.ariaExpanded = String(rows.length > 0);
}

/** Make the plain field with suggestions, which works without us, a combobox. */
function prepare(field) {
  field.clauses = field.list;
  const list = document.createElement("ul");
  const name = field.labels[0].firstChild.textContent;
  Object.assign(list, { id: `${field.id}-list`, role: "listbox", ariaLabel: name, className: "listbox" });
  field.removeAttribute("list");
  Object.assign(field, { role: "combobox", ariaAutoComplete: "list" });
  field.setAttribute("aria-controls", list.id);
  field.after(list);
}

/** The browser tells decision.js of the change as the field is left. */
function take(field, row) {
  if (row) field.value = row.dataset.value;
  if (row) field.dispatchEvent(new Event("change", { bubbles: true }));
  field.blur();
}

const onField = (name, listen) =>
  addEventListener(name, (event) => {
    const field = event.target instanceof Element ? event.target.closest("[data-part=other]") : null;
    if (field && !event.isComposing) listen(field, event);
  });

// Esc leaves it as it was, before keys.js leaves it.
const keep = (field) => (field.was = field.value);
const restore = ({ key, target }) => key === "Escape" && "was" in target && (target.value = target.was);
addEventListener("keydown", restore, { capture: true });
const search = (field) => {
  if (!field.clauses) prepare(field);
  show(field, found(field).map((option, place) => drawn(option, place, field)));
  choose(field, field.value ? listOf(field).firstElementChild : null);
};
onField("focusin", keep);
onField("focusin", search);
onField("input", search);
onField("focusout", (field) => show(field, []));
onField("keydown", (field, event) => {
  const rows = [...listOf(field).children];
  const now = rows.indexOf(chosenIn(listOf(field)));
  if (event.key === "ArrowDown") choose(field, rows[(now + 1) % rows.length]);
  else if (event.key === "ArrowUp") choose(field, rows.at(Math.max(now, 0) - 1));
  else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) take(field, rows[now]);
  else return;
  event.preventDefault(); // Enter takes the clause; it does not send the decision
});
addEventListener("pointerdown", (event) => {
  const row = event.target.closest("[role=option]");
  if (!row) return;
  event.preventDefault(); // the field keeps the focus until the clause is taken
  take(row.closest(".field").querySelector("[data-part=other]"), row);
});

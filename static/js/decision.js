// The decision form: choosing a clause is finding a violation, with the clause's usual severity and the side where the
// detector fired; each can then be changed by one key.

const parts = (row, name) => [...row.querySelectorAll(`[data-part=${name}]`)];
const judging = ":is([name=verdict], [name=action])";
const verdict = (form, value) => form.querySelector(`${judging}[value=${value}]`);

function choose(row, name, value) {
  const choice = parts(row, name).find((input) => input.value === value);
  if (choice) choice.checked = true;
}

/** Take over what a clause usually is: `source` is its radio, or its option in the list of all clauses. */
function takeUsual(row, source) {
  verdict(row.closest("form"), "violating").checked = true;
  choose(row, "severity", source.dataset.severity);
  if (source.dataset.side) choose(row, "side", source.dataset.side);
  else if (!parts(row, "side").some((input) => input.checked)) choose(row, "side", "interaction");
}

function stepSeverity(row, step) {
  const levels = parts(row, "severity");
  const now = levels.findIndex((choice) => choice.checked);
  const level = levels[Math.min(Math.max(now + step, 0), levels.length - 1)];
  level.checked = true;
}

/** Open the text of the clause beside the item. */
function showText(key) {
  for (const text of document.querySelectorAll("[data-clause]")) text.open = text.dataset.clause === key;
}

/** Fetch the text of a clause that was found by name, and say what it recommends once it is there. */
function fetchText(key) {
  const place = document.querySelector("#found-clause");
  showText(key);
  if (!place || document.querySelector(`[data-clause="${CSS.escape(key)}"]`)) return;
  htmx.ajax("GET", `${place.dataset.url}?key=${encodeURIComponent(key)}`, { target: place });
}

/** Say above the button what the clause recommends at the severity that is chosen in `row`. */
function sayRecommended(form, row) {
  const clause = parts(row, "clause").find((input) => input.checked)?.value ?? CSS.escape(parts(row, "other")[0].value);
  const level = parts(row, "severity").find((input) => input.checked)?.value;
  const rung = document.querySelector(`[data-clause="${clause}"] [data-level="${level}"]`);
  const line = form.querySelector("[data-recommended]");
  if (!line) return;
  line.hidden = !rung || !verdict(form, "violating").checked;
  if (rung) line.querySelector("strong").textContent = rung.dataset.recommends;
}

const lastRow = (form) => [...form.querySelectorAll("[data-violation]")].at(-1);

addEventListener("change", ({ target }) => {
  const form = target.closest("form.decision");
  if (!form) return;
  const row = target.closest("[data-violation]");
  if (target.dataset.part === "clause") {
    parts(row, "other")[0].value = "";
    takeUsual(row, target);
    showText(target.value);
  }
  if (target.dataset.part === "other" && target.value) {
    for (const clause of parts(row, "clause")) clause.checked = false;
    const option = document.querySelector(`#clauses option[value="${CSS.escape(target.value)}"]`);
    if (option) takeUsual(row, option);
    if (option) fetchText(target.value);
    verdict(form, "violating").checked = true;
  }
  if (target.name === "wrong") form.querySelector("[data-wrong]").textContent = target.dataset.said;
  if (target.matches(judging) && target.value !== "violating")
    for (const clause of form.querySelectorAll("[data-part=clause]")) clause.checked = false;
  sayRecommended(form, row ?? lastRow(form));
});
addEventListener("htmx:afterSettle", ({ target }) => {
  const form = target.id === "found-clause" && document.querySelector("form.decision");
  if (form) sayRecommended(form, lastRow(form));
});
addEventListener("click", (event) => {
  const button = event.target.closest("[data-do=lower], [data-do=raise]");
  if (!button) return;
  const row = button.closest("[data-violation]");
  stepSeverity(row, button.dataset.do === "raise" ? 1 : -1);
  sayRecommended(button.form, row);
});

// Quoting is rarer than deciding: its script comes with the first quote, or with a form that quotes already.
let quoting;
const fetchQuoting = () => (quoting ??= import(document.querySelector("form.decision").dataset.quoting));
const markQuoted = () => document.querySelector('input[data-span=start]:not([value=""])') && fetchQuoting();

addEventListener("click", ({ target }) => {
  const button = target.closest("[data-do=quote]");
  if (button && !quoting) fetchQuoting().then(() => button.click());
});
addEventListener("htmx:load", markQuoted);
markQuoted();

// The decision form: choosing a clause is finding a violation, and one key does both.

function stepSeverity(form, step) {
  const levels = [...form.querySelectorAll("[name=severity]")];
  const level = levels[levels.findIndex((choice) => choice.checked) + step];
  if (level) level.checked = true;
}

addEventListener("change", ({ target }) => {
  const form = target.closest("form.decision");
  if (!form) return;
  if (target.name === "clause") form.querySelector("[name=verdict][value=violating]").checked = true;
  if (target.name === "verdict" && target.value !== "violating")
    for (const clause of form.querySelectorAll("[name=clause]")) clause.checked = false;
});
addEventListener("click", (event) => {
  const button = event.target.closest("[data-do=lower], [data-do=raise]");
  if (button) stepSeverity(button.closest("form"), button.dataset.do === "raise" ? 1 : -1);
});

// Theme. The server writes data-theme from the cookie, so a page never flashes; this only changes the choice.

const year = 60 * 60 * 24 * 365;

addEventListener("change", ({ target }) => {
  if (!target.matches("[data-theme-choice]")) return;
  if (target.value) document.documentElement.dataset.theme = target.value;
  else delete document.documentElement.dataset.theme;
  document.cookie = `theme=${target.value}; path=/; max-age=${target.value ? year : 0}; SameSite=Lax`;
});

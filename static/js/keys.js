// Keys. A control that has one says so: <button data-key="b">Benign <kbd class="key">B</kbd></button>. The list of
// keys is read from the page too.

const root = document.documentElement;
const year = 60 * 60 * 24 * 365;
const freeText = "textarea, select, input:not([type=radio], [type=checkbox], [type=submit], [type=button])";
const isTyping = (target) => target.isContentEditable || target.matches(freeText);
const isShown = (control) => control.checkVisibility({ visibilityProperty: true });

/** Return the control that answers to `key`, in the open dialog or on the page. */
function controlFor(key) {
  const scope = document.querySelector("dialog[open], .dialog:popover-open") ?? document;
  return [...scope.querySelectorAll("[data-key]")].find((control) => control.dataset.key === key && isShown(control));
}

/** Press the control; one that is refused takes the focus, so that its reason is read out. */
function use(control) {
  if (control.matches(freeText) || control.ariaDisabled === "true") control.focus();
  else control.click();
  if (control.matches("input")) control.focus({ focusVisible: true });
}

let prefix = "";
let forgetPrefix;

function onKey(event) {
  if (!(event.target instanceof Element)) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return event.target.form?.requestSubmit();
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && event.target.closest("dialog") && !event.target.value) return; // closes it
  if (event.key === "Escape" && isTyping(event.target)) {
    event.preventDefault();
    return event.target.blur();
  }
  if (isTyping(event.target) || root.dataset.keys === "off") return;
  if (event.key === "Enter" && event.target.matches("a, button, summary")) return;

  const key = prefix + event.key;
  const control = controlFor(key);
  clearTimeout(forgetPrefix);
  prefix = !prefix && event.key === "g" ? "g " : "";
  if (prefix) forgetPrefix = setTimeout(() => (prefix = ""), 1500);
  if (!control) return dispatchEvent(new CustomEvent("unmet", { detail: key }));
  event.preventDefault();
  if (!event.repeat || control.dataset.do) use(control); // a held key walks a list, but never sends twice
}

const printed = (key) => (/^[A-Z]$/.test(key) ? `⇧${key}` : key.length === 1 ? key.toUpperCase() : key);

function nameOf(control) {
  const named = control.closest("label, a, button") ?? control.labels?.[0] ?? control;
  const words = named.querySelector(".label") ?? named;
  const text = [...words.childNodes].filter((node) => node.nodeName !== "KBD").map((node) => node.textContent).join("");
  return control.dataset.label ?? control.ariaLabel ?? text.trim();
}

function showKeys(dialog) {
  const rows = [...document.querySelectorAll("[data-key]")].filter(isShown).map((control) => {
    const [row, what, key] = ["li", "span", "kbd"].map((tag) => document.createElement(tag));
    what.textContent = nameOf(control);
    key.textContent = printed(control.dataset.key);
    key.className = "key";
    row.append(what, key);
    return row;
  });
  dialog.querySelector(".keys").replaceChildren(...rows);
  dialog.showModal();
}

/** Single keys can be switched off altogether (WCAG 2.1.4); printed keys then vanish. */
function switchKeys(on) {
  root.dataset.keys = on ? "on" : "off";
  document.cookie = `keys=${root.dataset.keys}; path=/; max-age=${year}; SameSite=Lax`;
}

root.dataset.keys ??= document.cookie.split("; ").includes("keys=off") ? "off" : "on";
for (const choice of document.querySelectorAll("[data-keys-choice]")) choice.checked = root.dataset.keys !== "off";

addEventListener("keydown", onKey);
addEventListener("change", (event) => {
  if (event.target.matches("[data-keys-choice]")) switchKeys(event.target.checked);
});
addEventListener("click", (event) => {
  if (event.target.closest("[data-do=keys]")) showKeys(document.querySelector("#keys"));
});

// A refused control stays visible and can be reached, but does nothing, for htmx neither.
const stop = (event) => {
  if (!event.target.closest("[aria-disabled=true]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
};
addEventListener("click", stop, { capture: true });

// Names while @ is typed in a note: those that its form lists in [data-offered]. Arrows choose, Enter or Tab takes one, Escape none.
// A note that is not saved when its item is decided would be lost: the way leads back to it.
// This comes with the first focus on such a field; whom a note names is found out by the server, whatever was chosen here.

const most = 6;
const begun = /(?:^|[^\p{L}\p{N}_@.+-])@([\p{L}\p{N}][\p{L}\p{N} .'’-]{0,40})?$/u;

const isField = (node) => node instanceof HTMLTextAreaElement && Boolean(node.form?.dataset.notes);
const typedIn = (field) => begun.exec(field.value.slice(0, field.selectionStart));
const listOf = (field) => field.parentElement.querySelector("[role=listbox]");
const chosenIn = (list) => list.querySelector("[aria-selected=true]");

function found(field) {
  const match = typedIn(field);
  if (!match) return [];
  const typed = (match[1] ?? "").toLowerCase();
  const names = [...field.form.querySelectorAll("[data-offered] bdi")].map((one) => one.textContent);
  return names.filter((name) => ` ${name.toLowerCase()}`.includes(` ${typed}`)).slice(0, most);
}

function prepare(field) {
  const list = document.createElement("ul");
  Object.assign(list, { id: `${field.id}-names`, role: "listbox", ariaLabel: field.labels[0].firstChild.textContent, className: "listbox" });
  field.setAttribute("aria-controls", list.id);
  field.ariaAutoComplete = "list";
  field.after(list);
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // the field keeps the focus
    event.stopPropagation();
    take(field, event.target.closest("[role=option]"));
  });
}

function choose(field, row) {
  chosenIn(listOf(field))?.removeAttribute("aria-selected");
  row?.setAttribute("aria-selected", "true");
  field.setAttribute("aria-activedescendant", row?.id ?? "");
}

function show(field, names) {
  if (!listOf(field)) prepare(field);
  const rows = names.map((textContent, place) => {
    const row = document.createElement("li");
    return Object.assign(row, { id: `${field.id}-name-${place}`, role: "option", textContent });
  });
  listOf(field).replaceChildren(...rows);
  listOf(field).hidden = !rows.length;
  choose(field, rows[0]);
}

function take(field, row) {
  if (!row) return;
  const typed = typedIn(field)?.[1] ?? "";
  field.setRangeText(`${row.textContent} `, field.selectionStart - typed.length, field.selectionStart, "end");
  show(field, []);
}

addEventListener("input", ({ target }) => isField(target) && show(target, found(target)));
addEventListener("focusout", ({ target }) => isField(target) && listOf(target) && show(target, []));
addEventListener(
  "keydown",
  (event) => {
    const field = event.target;
    if (!isField(field) || event.isComposing || event.ctrlKey || event.metaKey) return;
    const rows = [...(listOf(field)?.children ?? [])];
    if (!rows.length) return;
    const now = rows.indexOf(chosenIn(listOf(field)));
    if (event.key === "ArrowDown") choose(field, rows[(now + 1) % rows.length]);
    else if (event.key === "ArrowUp") choose(field, rows.at(now - 1));
    else if (event.key === "Enter" || event.key === "Tab") take(field, rows[now]);
    else if (event.key === "Escape") show(field, []);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation(); // Escape leaves the list, and not yet the field
  },
  { capture: true },
);
addEventListener(
  "submit",
  (event) => {
    if (!event.target.matches("form.decision") || event.submitter?.hasAttribute("formaction")) return;
    const field = document.querySelector("form[data-notes] textarea");
    if (!field || field.value === field.defaultValue) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    dispatchEvent(new CustomEvent("say", { detail: { name: "unsaved" } }));
    field.focus();
  },
  { capture: true },
);

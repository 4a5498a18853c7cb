"""A walk over a page by Tab alone, and what is wrong with where it leads."""

from typing import Any, Final

from playwright.sync_api import Page

MOST_FAULTS: Final = 5  # told of one page
SPARE: Final = 40  # presses beyond the controls: parts of a date, and the browser's own stop after the last one

# Every control that Tab must reach; of the radio buttons of one name it reaches one.
CONTROLS: Final = """() => {
  const named = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
  const groups = new Set();
  window.controls = [...document.querySelectorAll(named)].filter((control) => {
    if (control.disabled || control.tabIndex < 0 || control.closest("[inert]")) return false;
    if (!control.checkVisibility({ visibilityProperty: true }) || control.closest("dialog:not([open])")) return false;
    if (control.type !== "radio") return true;
    const group = `${control.form?.id ?? control.form?.action} ${control.name}`;
    const known = groups.has(group);
    groups.add(group);
    return !known;
  });
  document.activeElement?.blur();
  window.scrollTo(0, 0);
  return window.controls.length;
}"""

# Where the focus is: the control's place (that of its group's first for a radio button), and how it can be seen.
FOCUSED: Final = """() => {
  const control = document.activeElement;
  if (!control || control === document.body) return null;
  const isRadio = control.type === "radio";
  const alike = (other) => other === control
    || (isRadio && other.type === "radio" && other.name === control.name && other.form === control.form);
  const ringed = (element) => {
    const style = getComputedStyle(element);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
  };
  let marked = control;
  for (let up = 0; up < 3 && marked && !ringed(marked); up += 1) marked = marked.parentElement;
  const seen = (marked && ringed(marked) ? marked : control).getBoundingClientRect();
  const [top, bottom] = [Math.max(seen.top, 0), Math.min(seen.bottom, innerHeight)];
  const heights = [0.1, 0.5, 0.9].map((share) => top + share * (bottom - top));
  const above = heights.map((height) => document.elementFromPoint(Math.max(seen.left, 0) + 3, height));
  const shown = marked ?? control;
  const belongs = (other) => !other || shown.contains(other) || other.contains(shown)
    || Boolean(other.closest("label")?.contains(shown));
  return {
    place: window.controls.findIndex(alike),
    said: control.outerHTML.slice(0, 120),
    above: above[1]?.outerHTML.slice(0, 60) ?? "",
    ring: Boolean(marked && ringed(marked)),
    inside: seen.width > 0 && seen.bottom > 0 && seen.top < innerHeight && seen.right > 0 && seen.left < innerWidth,
    free: above.some(belongs),
  };
}"""


def faults_by_keyboard(page: Page) -> list[str]:
    """Press Tab from the top until every control had the focus: each is reached once, in order, and is seen to be."""
    page.wait_for_load_state("networkidle")
    many, reached, found = page.evaluate(CONTROLS), [], []
    for _press in range(many + SPARE):
        page.keyboard.press("Tab")
        stop: dict[str, Any] | None = page.evaluate(FOCUSED)
        if stop is None:
            continue
        if reached and stop["place"] == reached[-1]:
            continue  # the next part of a date
        if reached and stop["place"] == reached[0]:
            break
        reached.append(stop["place"])
        found += [f"{fault}: {stop['said']}" for fault in _faults_of(stop)]
    missed = sorted(set(range(many)) - set(reached))
    if missed:
        told = page.evaluate("places => places.map((place) => window.controls[place].outerHTML.slice(0, 120))", missed)
        found += [f"Tab does not reach {control}" for control in told]
    return found[:MOST_FAULTS]


def _faults_of(stop: dict[str, Any]) -> list[str]:
    faults = {"ring": "no ring around the focus", "inside": "focus out of sight", "free": f"covered by {stop['above']}"}
    return [sentence for name, sentence in faults.items() if not stop[name]]

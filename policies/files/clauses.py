"""One clause as a Markdown file: what is counted and matched in front, what people read below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from policies.files import markdown
from policies.files.documents import OutsideCategory
from policies.files.faults import Fault
from policies.files.nodes import Fields, parse as parse_yaml, scalar
from policies.texts import LEVELS, NO_STEP, ClauseText, Example, Step
from policies.vocabulary import EnforcementKind

FENCE: Final = "---"
SEVERITIES: Final = {f"S{level}": level for level in range(LEVELS)}
STEPS: Final = {step: step for step in (NO_STEP, *EnforcementKind.values)}
STRIKES: Final = re.compile("0|[1-9][0-9]{0,8}")
TRUTHS: Final = {"true": True, "false": False}

# Names of sections are part of the format: they are not translated.
TEXTS: Final = {"Definition": "definition", "Public wording": "public_text", "Not mapped": "unmapped_reason"}
LISTS: Final = {"Violates": "violates", "Does not violate": "does_not_violate"}
LADDER: Final = "Severity"
OPTIONAL: Final = "Not mapped"
EXAMPLE: Final = "Example"
REASON: Final = "Because"

_BELOW: Final = " " * 6  # where a category stands: below its taxonomy and that one's version
_HEADING: Final = re.compile("(#{1,4})(?: (.*))?")


@dataclass(frozen=True)
class ParsedClause:
    """A clause, the outside categories that it names, and on which line each of its fields stands."""

    text: ClauseText
    outside: tuple[OutsideCategory, ...]
    lines: dict[str, int]


@dataclass(frozen=True)
class _Section:
    level: int
    name: str
    line: int
    body: list[str]

    def text(self) -> str:
        return markdown.text_of(self.body, first=self.line + 1)


# ── Writing ──────────────────────────────────────────────


def render(clause: ClauseText, outside: Sequence[OutsideCategory]) -> str:
    """Return the file of ``clause``."""
    lines = [FENCE, f"key: {scalar(clause.key)}", f"usual_severity: S{clause.usual_severity}", "recommended:"]
    for level, step in enumerate(clause.recommended):
        lines += _recommended(level, [Step(0, step), *clause.steps[level]])
    lines += [f"anticipated: {'true' if clause.is_anticipated else 'false'}"]
    if clause.languages:
        lines += ["languages:", *(f"  - {scalar(tag)}" for tag in clause.languages)]
    lines += [*_mappings(outside), FENCE, ""]
    lines.append(f"# {markdown.escaped(clause.title)}".rstrip(" "))
    for name, field in TEXTS.items():
        if name != OPTIONAL:
            lines += _section(f"## {name}", getattr(clause, field))
    for name, field in LISTS.items():
        lines += ["", f"## {name}"]
        for example in getattr(clause, field):
            lines += [*_section(f"### {EXAMPLE}", example.text), *_section(f"#### {REASON}", example.reason)]
    lines += ["", f"## {LADDER}"]
    for level, meaning in enumerate(clause.ladder):
        lines += _section(f"### S{level}", meaning)
    if clause.unmapped_reason:
        lines += _section(f"## {OPTIONAL}", clause.unmapped_reason)
    return "\n".join([*lines, ""])


def _recommended(level: int, steps: Sequence[Step]) -> list[str]:
    if len(steps) == 1:
        return [f"  S{level}: {steps[0].kind}"]
    return [f"  S{level}:", *(f"    {step.from_strikes}: {step.kind}" for step in steps)]


def _section(heading: str, text: str) -> list[str]:
    lines = markdown.written(text)
    return ["", heading, "", *lines] if lines else ["", heading]


def _mappings(outside: Sequence[OutsideCategory]) -> Iterator[str]:
    taxonomy = version = None
    if outside:
        yield "mappings:"
    for category in sorted(outside):
        if category.taxonomy != taxonomy:
            yield f"  {scalar(category.taxonomy)}:"
            version = None
        if category.taxonomy_version != version:
            yield f"    {scalar(category.taxonomy_version)}:"
        taxonomy, version = category.taxonomy, category.taxonomy_version
        yield f"{_BELOW}- {scalar(category.name, indent=_BELOW)}"


# ── Reading ──────────────────────────────────────────────


def parse(text: str) -> ParsedClause:
    """Return what the file says. Raises Fault with the line."""
    lines = [line.rstrip() for line in text.split("\n")]
    if lines[0] != FENCE:
        raise Fault(_("A clause's file begins with a line of three hyphens, and its facts follow."), line=1)
    if FENCE not in lines[1:]:
        raise Fault(_("The facts in front end with a line of three hyphens; it is missing."), line=1)
    end = lines.index(FENCE, 1)
    # The lines as they were: YAML has its own opinion on line ends.
    facts = Fields(parse_yaml("\n".join(text.split("\n")[1:end]), first=2))
    values, outside, places = _facts(facts)
    body, body_lines = _body(_sections(lines[end + 1 :], first=end + 2), first=end + 2)
    return ParsedClause(ClauseText(**values, **body), outside, {**places, **body_lines})


def _facts(facts: Fields) -> tuple[dict[str, Any], tuple[OutsideCategory, ...], dict[str, int]]:
    values: dict[str, Any] = {"key": facts.text("key"), "usual_severity": facts.choice("usual_severity", SEVERITIES)}
    recommended = facts.mapping("recommended")
    levels = [_steps(recommended, name) for name in SEVERITIES]
    recommended.done()
    values["recommended"] = tuple(steps[0].kind for steps in levels)
    values["steps"] = tuple(steps[1:] for steps in levels)
    values["is_anticipated"] = facts.choice("anticipated", TRUTHS)
    values["languages"] = tuple(str(node.value) for node in facts.texts("languages"))
    outside = tuple(_outside(facts.mapping("mappings")))
    facts.done()
    return values, outside, {**facts.lines, "is_anticipated": facts.lines["anticipated"]}


def _steps(recommended: Fields, name: str) -> tuple[Step, ...]:
    """Return what is recommended at a severity: one enforcement, or enforcement by strikes from 0 on."""
    if not recommended.is_mapping(name):
        return (Step(0, recommended.choice(name, STEPS)),)
    by_strikes = recommended.mapping(name)
    found = []
    for strikes in by_strikes.names():
        line = by_strikes.lines[strikes]
        if not STRIKES.fullmatch(strikes):
            raise Fault(_("Before the colon stands a whole number of strikes, as in “3: suspension”."), line=line)
        found.append(Step(int(strikes), by_strikes.choice(strikes, STEPS)))
        if found[0].from_strikes or any(step.from_strikes >= int(strikes) for step in found[:-1]):
            raise Fault(_("Steps begin at 0 strikes, and each at more than the one before."), line=line)
    if not found:
        raise Fault(_("Steps begin at 0 strikes, and each at more than the one before."), line=by_strikes.line)
    return tuple(found)


def _outside(taxonomies: Fields) -> Iterator[OutsideCategory]:
    for taxonomy in taxonomies.names():
        versions = taxonomies.mapping(taxonomy)
        for version in versions.names():
            seen: set[str] = set()
            for node in versions.texts(version):
                name = str(node.value)
                if name in seen:
                    raise Fault(_("“%(name)s” stands here twice.") % {"name": name[:60]}, line=node.line)
                seen.add(name)
                yield OutsideCategory(taxonomy, version, name)


def _sections(lines: Sequence[str], *, first: int) -> list[_Section]:
    """Cut the text at its headings. Raises Fault for text before the first, and for a heading that is none of ours."""
    found: list[_Section] = []
    for number, line in enumerate(lines, start=first):
        if not line.startswith("#"):
            if found:
                found[-1].body.append(line)
            elif line:
                raise Fault(_("The title comes first, as in “# Invented reviews”."), line=number)
            continue
        heading = _HEADING.fullmatch(line)
        if heading is None:
            raise Fault(
                _("This is no heading of ours. A line of text that begins with # begins with \\#."), line=number
            )
        found.append(_Section(len(heading[1]), heading[2] or "", number, []))
    return found


def _body(sections: Sequence[_Section], *, first: int) -> tuple[dict[str, Any], dict[str, int]]:
    if not sections or sections[0].level != 1:
        line = sections[0].line if sections else first
        raise Fault(_("The title comes first, as in “# Invented reviews”."), line=line)
    title = sections[0]
    _refuse_text(title)
    values: dict[str, Any] = {"title": markdown.unescaped(title.name, line_number=title.line), "unmapped_reason": ""}
    lines = {"title": title.line}
    for section, inner in _grouped(sections[1:], level=2):
        field, value = _field(section, inner)
        if field in lines:
            raise Fault(_("“%(name)s” stands here twice.") % {"name": section.name}, line=section.line)
        values[field], lines[field] = value, section.line
    for name, field in {**TEXTS, **LISTS, LADDER: "ladder"}.items():
        if field not in values:
            raise Fault(_("The section “## %(name)s” is missing.") % {"name": name}, line=title.line)
    return values, lines


def _grouped(sections: Sequence[_Section], *, level: int) -> Iterator[tuple[_Section, list[_Section]]]:
    """Yield each section of ``level`` with the deeper ones that follow it. Raises Fault for any other."""
    group: list[_Section] = []
    for section in sections:
        if section.level < level or (section.level > level and not group):
            raise _unknown(section)
        if section.level == level and group:
            yield group[0], group[1:]
            group = []
        group.append(section)
    if group:
        yield group[0], group[1:]


def _field(section: _Section, inner: list[_Section]) -> tuple[str, Any]:
    if section.name in TEXTS:
        for other in inner:
            raise _unknown(other)
        return TEXTS[section.name], section.text()
    if section.name in LISTS:
        _refuse_text(section)
        return LISTS[section.name], tuple(_example(*pair) for pair in _grouped(inner, level=3))
    if section.name == LADDER:
        _refuse_text(section)
        return "ladder", _ladder(section, inner)
    raise _unknown(section)


def _example(example: _Section, inner: list[_Section]) -> Example:
    if example.name != EXAMPLE:
        raise _unknown(example)
    if len(inner) != 1 or inner[0].level != 4 or inner[0].name != REASON:
        raise Fault(_("An example is followed by “#### Because” with its reason, once."), line=example.line)
    return Example(example.text(), inner[0].text())


def _ladder(section: _Section, rungs: list[_Section]) -> tuple[str, ...]:
    if [(rung.level, rung.name) for rung in rungs] != [(3, name) for name in SEVERITIES]:
        raise Fault(_("The ladder has the headings “### S0” to “### S4”, each once, in this order."), line=section.line)
    return tuple(rung.text() for rung in rungs)


def _refuse_text(section: _Section) -> None:
    for number, line in enumerate(section.body, start=section.line + 1):
        if line:
            raise Fault(_("Text stands here under a heading that holds none of its own."), line=number)


def _unknown(section: _Section) -> Fault:
    heading = f"{'#' * section.level} {section.name}"[:60]
    told = _("The heading “%(heading)s” has no place here. A line of text that begins with # begins with \\#.")
    return Fault(told % {"heading": heading}, line=section.line)

"""What holds for every template, style and script: the policy, the keymap, the budget."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

TEMPLATES = settings.BASE_DIR / "templates"
STATIC = settings.BASE_DIR / "static"
PAGES = sorted(TEMPLATES.rglob("*.html"))


def name_of(path: Path) -> str:
    return str(path.relative_to(TEMPLATES))


@pytest.fixture(params=PAGES, ids=name_of)
def source(request):
    return re.sub(r"{% comment %}.*?{% endcomment %}", "", request.param.read_text(), flags=re.DOTALL)


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_template_compiles(path):
    get_template(name_of(path))


def test_no_template_breaks_the_content_security_policy(source):
    assert not re.search(r"<[^>]+\sstyle=", source)
    assert not re.search(r"<[^>]+\son[a-z]+=", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)
    assert "hx-on" not in source
    assert "javascript:" not in source


def test_no_template_marks_data_as_safe(source):
    assert not re.search(r"\|\s*(safe|safeseq)\b", source)
    assert "autoescape off" not in source


def test_no_key_is_typed_into_a_template(source):
    typed = [key for key in re.findall(r'data-key="([^"]*)"', source) if not key.startswith("{{")]

    assert typed == []


def test_no_module_marks_data_as_safe():
    rooms = (settings.BASE_DIR / room for room in ("trust", "policies", "incidents"))
    modules = [path.read_text() for room in rooms for path in room.rglob("*.py")]

    assert not any("mark_safe" in module for module in modules)


def test_the_styles_stay_within_their_budget():
    lines = [line for path in (STATIC / "css").glob("*.css") for line in path.read_text().splitlines()]

    assert len(lines) <= 900


def test_colours_stand_in_the_tokens_alone():
    styles = (STATIC / "css" / "app.css").read_text()

    assert not re.search(r"#[0-9a-f]{3,8}\b", styles)


def test_no_script_evaluates_text_or_builds_markup_from_it():
    scripts = "".join(path.read_text() for path in (STATIC / "js").glob("*.js"))

    assert not re.search(r"\b(eval|Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write)\b", scripts)

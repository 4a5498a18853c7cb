"""Markdown of our own staff: a few harmless elements, whatever is typed."""

import re
from html.parser import HTMLParser

import pytest

from trust import markdown

ALLOWED = {"p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "span"}
HOSTILE = {
    "a script": "<script>alert(1)</script>",
    "an attribute": '<b onclick="x()">bold</b> <img src=x onerror=y>',
    "a script link": "[read](javascript:alert(1)) <javascript:alert(1)>",
    "a link": "[read](https://example.org) https://example.org <https://example.org>",
    "a reference": "[read][1]\n\n[1]: https://example.org 'title'",
    "data": "[read](data:text/html;base64,PHNjcmlwdD4=)",
    "an image": "![seen](https://example.org/seen.png)",
    "an entity": "&lt;script&gt; &#60;b&#62; &colon;",
    "a language of code": '```"><script onload=x\n</code></pre><script>\n```',
    "code": "`</code><script>`",
    "a block of HTML": "<div>\n\n*x*\n\n</div>\n\n<!-- hidden -->",
    "deep lists": "- " * 10_000 + "end",
    "deep quotes": "> " * 10_000 + "end",
    "deep by indent": "\n".join("  " * level + "- x" for level in range(150)),
    "a giant table": "|" + "a|" * 2_000 + "\n|" + "-|" * 2_000 + "\n" + "|\n" * 4_000,
    "a giant text": "*word* and [link](javascript:x) <b>\n" * 14_000,
    "stars": "*_" * 9_000,
    "back ticks": "`" * 20_000,
    "hidden characters": "safe‮gpj.exe​",
}


class Elements(HTMLParser):
    """Collects elements and attributes as a browser would find them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.found.add(tag)
        self.attributes |= {name for name, _value in attrs}

    def handle_data(self, data):
        self.text += data


def parsed(html: str) -> Elements:
    elements = Elements()
    elements.feed(html)
    elements.close()
    return elements


@pytest.mark.parametrize("render", [markdown.block, markdown.inline])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_but_a_few_elements_comes_out(text, render):
    elements = parsed(render(text))

    assert elements.found <= ALLOWED
    assert elements.attributes <= {"title", "class", "data-run"}, "those of a boxed character"


@pytest.mark.parametrize(
    "name", ["a script", "a script link", "a link", "data", "an image", "a reference", "an entity"]
)
def test_what_is_not_understood_stands_there_as_it_was_typed(name):
    shown = parsed(markdown.block(HOSTILE[name])).text

    assert "".join(shown.split()) == "".join(HOSTILE[name].split())


@pytest.mark.parametrize("name", ["deep lists", "deep quotes", "deep by indent"])
def test_no_word_is_lost_however_deep_it_stands(name):
    last = HOSTILE[name].split()[-1]

    shown = parsed(markdown.block(HOSTILE[name])).text

    assert shown.count(last) == HOSTILE[name].count(last)


def test_hidden_characters_are_boxed():
    shown = markdown.block(HOSTILE["hidden characters"])

    assert "‮" not in shown
    assert "RLO" in shown
    assert "ZWSP" in shown


def test_what_staff_write_is_laid_out_and_headings_stay_below_those_of_the_page():
    html = markdown.block("# What\n\nTwo *words*, **three** and `code`.\n\n- one\n- two\n\n> said\n\n```\na < b\n```")

    assert re.findall(r"<(\w+)>", html) == [
        "h3", "p", "em", "strong", "code", "ul", "li", "li", "blockquote", "p", "pre", "code"
    ]  # fmt: skip
    assert "a &lt; b" in html
    assert [markdown.block("#" * level + " x") for level in (2, 4, 6)] == [
        "<h4>x</h4>",
        "<h6>x</h6>",
        "<h6>x</h6>",
    ]


def test_a_line_has_no_paragraphs():
    assert markdown.inline("# Two *words*\n\n- x") == "# Two <em>words</em>\n\n- x"

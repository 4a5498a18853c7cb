"""What somebody might write into a guideline to make a page do more than show it, and how to see whether it did."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

SHORT: Final = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)><style>*{display:none}</style>",
    "\"'><iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "[a](javascript:alert(1)) ![b](//evil.example/b.png)",
    "</textarea></title><base href=//evil.example>",
    "{{ 7|add:7 }}{% load x %}${7*7}",
    "\u202egpj.exe\u2066 zero\u200bwidth\u200d\ufeff",
]
# What a spreadsheet would run, and what YAML or Markdown would read as something other than text.
OF_FILES: Final = [
    '=HYPERLINK("//evil.example")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1",
    "-1+1",
    "\t=1+1",
    " ＝1+1",
    "!!python/object/apply:os.system ['id']",
    "&a [*a, *a]",
    "--- %TAG ! tag:evil,2026: ...",
    "{a: b, ? c : d} # e",
    "- 'a\": \"b' | >-",
    "no",
    "~",
    "\x85 \u2028 \u2029 \x1b[2J \x07",
    "## Definition",
    "### S4",
    "\\#&#13;&amp;\\",
]
TABLE: Final = "|" + " a |" * 200 + "\n|" + "---|" * 200 + "\n" + ("|" + " b |" * 60 + "\n") * 30
LONG: Final = [
    *SHORT,
    "[a](https://evil.example) <https://evil.example>\n\n[ref]: https://evil.example\n\n![ref] [ref] https://evil.example",
    "[data](data:text/html,<script>alert(1)</script>) ![data](data:image/svg+xml,<svg/onload=alert(1)>)",
    "<a href='java&#115;cript:alert(1)'>a</a><form action=//evil.example><input autofocus onfocus=alert(1)>",
    "<meta http-equiv=refresh content='0;url=//evil.example'><link rel=stylesheet href=//evil.example/a.css>",
    "<object data=//evil.example></object><embed src=//evil.example><video src=//evil.example onerror=alert(1)>",
    "<div><table><tr><td><b><i><!-- <![CDATA[ <plaintext> never closed",
    "```html\n<script>alert(1)</script>\n```\n\n    <script>alert(2)</script>\n\n`<script>alert(3)</script>`",
    TABLE[:4_900],
    (">" * 900 + " - " * 900 + "a")[:4_900],
    "".join("  " * depth + "- a\n" for depth in range(60))[:4_900],
    "*_" * 2_400,
    "x" * 4_900,
    "\u202e" * 300 + "a" + "\u0335" * 4_000,
]

ELEMENTS: Final = frozenset(
    """
    html head meta title link script body header main nav aside footer section article div span p a abbr bdi
    h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table caption thead tbody tr th td blockquote pre code em strong small sup
    mark del ins br wbr hr time details summary dialog form fieldset legend label input textarea select option template
    button output kbd svg symbol path use rect circle line polyline
    """.split()  # noqa: SIM905  a list of forty strings reads worse
)
ADDRESSES: Final = frozenset({"href", "src", "action", "formaction", "poster", "data", "srcset", "hx-get", "hx-post"})
NEVER: Final = frozenset({"style", "srcdoc", "autofocus", "http-equiv"})


class Page(HTMLParser):
    """The elements of a page that no room of ours puts there, and what of it leads or loads from elsewhere."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.faults += _faults(tag, {name: value or "" for name, value in attrs})

    def handle_data(self, data: str) -> None:
        self.text += data


def faults(html: str) -> list[str]:
    return Page(html).faults


def _faults(tag: str, attributes: dict[str, str]) -> Iterator[str]:
    if tag not in ELEMENTS:
        yield f"<{tag}>"
    if tag == "script" and not attributes.get("src", "").startswith("/static/"):
        yield f"<script src={attributes.get('src')!r}>"
    for name, value in attributes.items():
        is_address = name in ADDRESSES and not _is_own(value)
        if is_address or name in NEVER or name.startswith(("on", "hx-on")):
            yield f"<{tag} {name}={value[:60]!r}>"


def _is_own(address: str) -> bool:
    return not address or (address[0] in "/?#" and not address.startswith(("//", "/\\")))

"""A text input that offers what is known, and takes anything else as well."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from django.forms import TextInput
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

MOST_OFFERED: Final = 500


class OfferingInput(TextInput):
    """Offers what ``known`` returns, asked each time that the input is drawn."""

    def __init__(self, known: Callable[[], Iterable[str]], attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.known = known

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        identity = f"{(attrs or {}).get('id') or name}_known"
        drawn = super().render(name, value, {**(attrs or {}), "list": identity}, renderer)
        known = [str(one) for one in self.known()][:MOST_OFFERED]
        options = format_html_join("", '<option value="{}"></option>', ((one,) for one in known))
        return format_html('{}<datalist id="{}">{}</datalist>', drawn, identity, options)

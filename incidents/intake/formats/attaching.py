"""Attachments out of what providers send: a reference and a digest. Bytes that come along are looked at and let go."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from incidents.intake.formats.native import CONTROL, Attachment

_KINDS: Final = ("image", "audio", "video")
# What stands for bytes in a record: a data: URL, or a text of base64 and nothing else, too long for a digest or an id.
_DATA_URL: Final = re.compile(
    rb"(?<=[\"'(=\s])data:([\w!#$&^.+\\/-]{0,100}(?:;[\w=.+-]{0,60}){0,5}),(?:[^\"'\\)\s<>]|\\+/)+", re.IGNORECASE
)
_BASE64: Final = re.compile(rb'"data_base64"\s*:\s*"([^"]*)"|(?<=")[A-Za-z0-9+/_\\-]{256,}(?<!\\)={0,2}(?=\\*")')
_DROPPED: Final = b"(%d characters left out)"


def attachment(said: str, *, address: str = "", data: str = "", media_type: str = "", name: str = "") -> Attachment:
    """Make a reference of what a provider said; ``data`` is base64. Bytes, there or in a data: URL, become a digest."""
    if _is_data_url(address):
        data, address = address, ""
    content = _decoded(data) if data else None
    if _is_data_url(data):
        inline_type, content = _of_data_url(data)
        media_type = media_type or inline_type
    media_type = _line(media_type, 100)
    return Attachment(
        kind=_kind(said, media_type),  # type: ignore[arg-type]  # one of the four
        media_type=media_type,
        sha256=None if content is None else hashlib.sha256(content).hexdigest(),
        size=None if content is None else len(content),
        name=_line(name, 200),
        address=_line(address, 2_000),
    )


MEDIA: Final = frozenset(
    {"blob", "file", "uri", "image_url", "image", "audio", "video", "input_image", "input_audio", "input_file"}
)


def of_part(part: Mapping[str, Any], *, said: str = "") -> Attachment:
    """Make a reference of a part of a message, however its tool writes it; ``said`` is what it is, if not its type."""
    kind = str(part.get("type", ""))
    told = dict(part)
    for name in (kind, "source"):
        if isinstance(inner := part.get(name), Mapping):
            told |= inner
    coding = told.get("format")
    return attachment(
        said or kind,
        address=_first(told, "uri", "url", "image_url", "file_url"),
        data=_first(told, "data", "file_data", "content"),
        media_type=_first(told, "mime_type", "media_type") or (f"audio/{coding}" if isinstance(coding, str) else ""),
        name=_first(told, "filename", "file_id"),
    )


def _first(told: Mapping[str, Any], *names: str) -> str:
    return next((value for name in names if isinstance(value := told.get(name), str) and value), "")


def without_bytes(record: bytes) -> bytes:
    """Leave the bytes of images, sounds and files out of a record that is kept: what was judged is known by digest."""
    if b"data:" in record.lower():
        record = _DATA_URL.sub(lambda found: b"data:%s,%s" % (found[1], _DROPPED % len(found[0])), record)
    if any(len(text) >= 256 and b" " not in text for text in record.split(b'"')):  # what is read costs no search
        record = _BASE64.sub(_left_out, record)
    return record


def _left_out(found: re.Match[bytes]) -> bytes:
    """Say how much was left out; the data of a CloudEvent, which is JSON under base64, is looked into instead."""
    if found[1] is None:
        return _DROPPED % len(found[0])
    data = _decoded(found[1].replace(b"\\/", b"/").decode("ascii", "replace")) or b""
    kept = without_bytes(data)
    return found[0] if kept == data else b'"data_base64":"%s"' % base64.b64encode(kept)


def _kind(said: str, media_type: str) -> str:
    for known in _KINDS:
        if known in said.lower():
            return known
    main = media_type.partition("/")[0].lower()
    return main if main in _KINDS else "file"


def _line(text: str, most: int) -> str:
    return CONTROL.sub("", text).strip()[:most]


def _is_data_url(text: str) -> bool:
    return text.lstrip()[:5].lower() == "data:"


def _of_data_url(address: str) -> tuple[str, bytes | None]:
    """Take media type and content out of ``data:image/png;base64,…``."""
    head, _comma, data = address.lstrip()[5:].partition(",")
    media_type, *parameters = head.split(";")
    if any(parameter.strip().lower() == "base64" for parameter in parameters):
        return media_type, _decoded(data)
    return media_type, unquote_to_bytes(data)


def _decoded(data: str) -> bytes | None:
    """Decode base64 of either alphabet, padded or not; None for what is not base64."""
    plain = data.strip().translate(_URL_SAFE).rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


_URL_SAFE: Final = str.maketrans("-_", "+/")

"""An uploaded file, unpacked within limits and cut into records a thousand at a time; nothing is looked into."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from itertools import chain
from typing import IO, Any, Final, cast

import msgspec
from django.utils.translation import gettext as _

from incidents.intake.formats import files
from incidents.intake.formats.converting import Format
from incidents.intake.formats.reading import LONGEST_RECORD

MIB: Final = 1024 * 1024
MOST_UNPACKED: Final = 256 * MIB
STEEPEST: Final = 200  # bytes unpacked for each byte sent, past the first MiB
MOST_RECORDS: Final = 1_000_000
LARGEST_ARRAY: Final = 32 * MIB
MOST_COMMAS: Final = 1_000_000
RECORDS_IN_PART: Final = 1_000
BYTES_IN_PART: Final = 4 * MIB

Record = tuple[int, bytes]  # its place in the file, counted from 0, and what it says

_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_packed = msgspec.msgpack.Encoder().encode
_unpacked = msgspec.msgpack.Decoder(list[Record]).decode


class Unfit(ValueError):  # noqa: N818  what is said about a file
    """The sentence that says why a file cannot be imported."""


class Misnamed(Unfit):
    """The same of a file that is JSON, where the format asks for CSV."""


def parts(file: IO[bytes], known: Format) -> Iterator[list[Record]]:
    """Walk the records of a file of this format, some at a time. Raises Unfit; at the latest after the last part."""
    part: list[Record] = []
    size = total = 0
    for record in records(file, known):
        part.append(record)
        size += len(record[1])
        total += 1
        if total > MOST_RECORDS:
            raise Unfit(_("More than %(limit)s records; cut the file into smaller ones.") % {"limit": MOST_RECORDS})
        if len(part) == RECORDS_IN_PART or size > BYTES_IN_PART:
            yield part
            part, size = [], 0
    if part:
        yield part
    if not total:
        raise Unfit(_("The file holds no record."))


def records(file: IO[bytes], known: Format) -> Iterator[Record]:
    try:
        longest_line = LONGEST_RECORD if known.unit == "csv" else MOST_UNPACKED
        text = cast(IO[bytes], io.BufferedReader(_Unpacked(file, longest_line), MIB))
        _refuse_other_files(text)
        yield from files.rows(text) if known.unit == "csv" else _json(text)
    except EOFError as error:
        raise Unfit(_("The gzip file is cut short.")) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise Unfit(_("The file is not valid gzip.")) from error
    except Unfit:
        raise
    except files.LooksLikeJson as error:
        raise Misnamed(str(error)) from error
    except ValueError as error:
        raise Unfit(str(error)) from error


def delimiter(file: IO[bytes], known: Format) -> str:
    """Return what stands between the cells of a CSV file that could be cut up; "" for any other."""
    if known.unit != "csv":
        return ""
    file.seek(0)
    text = io.BufferedReader(cast(io.RawIOBase, _Unpacked(file, LONGEST_RECORD)), MIB)
    return files.delimiter_of(text.readline().partition(b"\r")[0].decode("utf-8-sig", "replace"))


def pack(part: list[Record]) -> bytes:
    return zlib.compress(_packed(part), 1)


def unpack(body: bytes) -> list[Record]:
    return _unpacked(zlib.decompress(body))


class _Unpacked(io.RawIOBase):
    """Reads a file, unpacked if it is gzip, one layer deep, and stops at the limits."""

    def __init__(self, file: IO[bytes], longest_line: int) -> None:
        self._sent, self._longest_line = file, longest_line
        start = file.read(2)
        file.seek(0)
        self._is_packed = start == b"\x1f\x8b"
        self._file = cast(IO[bytes], gzip.GzipFile(fileobj=file)) if self._is_packed else file
        self._count = self._in_line = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._count += len(data)
        if self._count > MOST_UNPACKED:
            raise Unfit(_("Larger than %(limit)s MiB unpacked.") % {"limit": MOST_UNPACKED // MIB})
        if self._is_packed and self._count > MIB and self._count > STEEPEST * self._sent.tell():
            raise Unfit(_("Unpacks to more than %(limit)s times its size.") % {"limit": STEEPEST})
        start = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        self._in_line = len(data) - start if start else self._in_line + len(data)
        if self._in_line > self._longest_line:
            raise Unfit(_("A line is longer than %(limit)s bytes.") % {"limit": self._longest_line})
        return len(data)


def _refuse_other_files(text: IO[bytes]) -> None:
    start = cast(io.BufferedReader, text).peek(4)[:4]
    if not start:
        raise Unfit(_("The file is empty."))
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unfit(_("The file is UTF-16; save it as UTF-8."))
    if start == b"PK\x03\x04":
        raise Unfit(_("This is a ZIP file or a spreadsheet; save it as CSV or JSON lines."))
    if start.startswith(b"\x1f\x8b"):
        raise Unfit(_("The file is gzip within gzip; pack it once."))


def _json(text: IO[bytes]) -> Iterator[Record]:
    """Walk an array, one object over several lines, or objects one to a line."""
    lines = _lines(text)
    first = next(lines, None)
    if first is None:
        return
    if first[1].startswith(b"["):
        yield from _array(first, text.read(LARGEST_ARRAY + 1) if len(first[1]) <= LARGEST_ARRAY else b"")
    elif _is_json(first[1]):
        yield from chain([first], lines)
    else:
        yield from _one_or_lines(first, lines)


def _lines(text: IO[bytes]) -> Iterator[Record]:
    """Walk the lines that are not blank. The first may be an array, and so longer than a record."""
    place, longest = 0, LARGEST_ARRAY
    while line := text.readline(longest + 1):
        said = line.removeprefix(b"\xef\xbb\xbf").strip() if place == 0 else line.strip()
        if len(line) > LONGEST_RECORD and not (place == 0 and said.startswith(b"[")):
            limit = {"line": place + 1, "limit": LONGEST_RECORD}
            raise Unfit(_("Line %(line)s is longer than %(limit)s bytes.") % limit)
        if said:
            longest = LONGEST_RECORD
            yield place, said
        place += 1


def _array(first: Record, rest: bytes) -> Iterator[Record]:
    text = first[1] + b"\n" + rest if rest else first[1]
    if len(text) > LARGEST_ARRAY or text.count(b",") > MOST_COMMAS:
        raise Unfit(_("The array is too long to be cut up; save it as JSON lines, one record to a line."))
    try:
        yield from enumerate(bytes(element) for element in _elements(text))
    except (msgspec.DecodeError, RecursionError) as error:
        raise Unfit(_("The array cannot be read: %(reason)s") % {"reason": _why(error, first[0], text)}) from error


def _why(error: Exception, start: int, text: bytes) -> str:
    """Say where an array is no JSON: the decoder tells the byte, people count lines."""
    if found := re.search(r"\(byte (\d+)\)", str(error)):
        return _("line %(line)s is not JSON") % {"line": start + 1 + text.count(b"\n", 0, int(found[1]))}
    return _("nested too deeply") if isinstance(error, RecursionError) else _("it ends too early")


def _one_or_lines(first: Record, lines: Iterator[Record]) -> Iterator[Record]:
    """Take a small file as one object written over several lines if it is one; else each line as it is."""
    read, size = [first], len(first[1])
    for line in lines:
        read.append(line)
        size += len(line[1]) + 1
        if size > LONGEST_RECORD:
            break
    whole = b"\n".join(said for _place, said in read)
    if size <= LONGEST_RECORD and _is_json(whole):
        yield first[0], whole
    else:
        yield from chain(read, lines)


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True

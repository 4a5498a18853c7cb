"""The files of policies in a zip that somebody sends, as ``folders.archive`` writes it. Never unpacked on a disk."""

from __future__ import annotations

import stat
import zlib
from collections import defaultdict
from collections.abc import Iterator
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from django.utils.translation import gettext as _

from policies.files import layout
from policies.files.documents import PolicyDocument
from policies.files.faults import Fault, Faulty
from policies.files.folders import MOST_BYTES_OF_A_POLICY, MOST_POLICIES

MOST_BYTES: Final = 1_000_000  # of the zip; texts are about four times as long
MOST_ENTRIES: Final = 5_000
MOST_UNPACKED: Final = 16_000_000

_ENCRYPTED: Final = 0x1


def load(data: bytes) -> list[PolicyDocument]:
    """Return the policies in a zip, by folder. Raises Faulty with all that is wrong.

    No more is inflated than MOST_UNPACKED bytes together, and layout.MOST_BYTES of one file, whatever the zip says.
    """
    try:
        with ZipFile(BytesIO(data)) as zipped:
            found = _folders(zipped)
    except Fault as fault:
        raise Faulty([fault]) from None
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OverflowError, OSError):
        raise Faulty([Fault(_("This is no zip that can be read; export one to see what it is like."))]) from None
    documents, faults = [], []
    for files in found.values():
        try:
            documents.append(layout.parse(files))
        except Faulty as faulty:
            faults += faulty.faults
    faults += _twice(documents)
    if faults:
        raise Faulty(faults)
    return documents


def _folders(zipped: ZipFile) -> dict[str, dict[str, bytes]]:
    """Read the files that are ours, by the folder of their policy. Raises Fault."""
    entries = zipped.infolist()
    if len(entries) > MOST_ENTRIES:
        raise Fault(_("It holds more than %(most)s files.") % {"most": f"{MOST_ENTRIES:,}"})
    seen: set[str] = set()
    for entry in entries:
        _refuse_odd(entry)
        if entry.filename in seen:
            raise Fault(_("This file is in the zip twice."), file=entry.filename)
        seen.add(entry.filename)
    places = {entry.filename.rpartition("/")[0] for entry in entries if _name(entry) == layout.POLICY_FILE} - {""}
    if not places:
        raise Fault(_("No folder in it holds a policy.yaml."))
    if len(places) > MOST_POLICIES:
        raise Fault(_("It holds more than %(most)s policies.") % {"most": MOST_POLICIES})
    files: dict[str, dict[str, bytes]] = defaultdict(dict)
    left = MOST_UNPACKED
    for entry in entries:
        place = entry.filename.rpartition("/")[0]
        if place in places and _is_ours(entry):
            files[place][entry.filename] = held = _read(zipped, entry, left)
            left -= len(held)
    for place, held_there in files.items():
        _refuse_too_much(place, held_there)
    return dict(sorted(files.items()))


def _refuse_odd(entry: ZipInfo) -> None:
    """Raises Fault for what no export of ours holds, and what could reach out of a folder."""
    name = entry.orig_filename
    if name.startswith("/") or "\\" in name or "\0" in name or ":" in name or ".." in name.split("/"):
        raise Fault(_("This path leads out of the zip; a policy is a folder with its files."), file=name[:200])
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise Fault(_("This is a link; put the file itself there."), file=name[:200])
    if entry.flag_bits & _ENCRYPTED:
        raise Fault(_("This file is locked by a password."), file=name[:200])
    if entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise Fault(_("This file is packed in a way that is not read; use the usual one, deflate."), file=name[:200])


def _read(zipped: ZipFile, entry: ZipInfo, left: int) -> bytes:
    with zipped.open(entry) as file:
        data = file.read(min(layout.MOST_BYTES, left) + 1)
    if len(data) > layout.MOST_BYTES:
        told = _("This file is larger than %(most)s bytes.") % {"most": f"{layout.MOST_BYTES:,}"}
        raise Fault(told, file=entry.filename)
    if len(data) > left:
        raise Fault(_("Unpacked, it is larger than %(most)s bytes.") % {"most": f"{MOST_UNPACKED:,}"})
    return data


def _refuse_too_much(place: str, files: dict[str, bytes]) -> None:
    if len(files) > layout.MOST_CLAUSES + 1:
        raise Fault(_("It holds more than %(most)s clauses.") % {"most": layout.MOST_CLAUSES}, file=place)
    if sum(map(len, files.values())) > MOST_BYTES_OF_A_POLICY:
        told = _("The files of this policy are larger than %(most)s bytes together.")
        raise Fault(told % {"most": f"{MOST_BYTES_OF_A_POLICY:,}"}, file=place)


def _name(entry: ZipInfo) -> str:
    return entry.filename.rpartition("/")[2]


def _is_ours(entry: ZipInfo) -> bool:
    """Other files, such as a README.md, are nobody's business."""
    name = _name(entry)
    is_clause = name.endswith(layout.ENDING) and layout.is_clause_key(name.removesuffix(layout.ENDING))
    return name == layout.POLICY_FILE or is_clause


def _twice(documents: list[PolicyDocument]) -> Iterator[Fault]:
    seen: set[str] = set()
    for document in documents:
        if document.key in seen:
            yield document.fault(_("Two folders hold the policy “%(key)s”.") % {"key": document.key}, field="policy")
        seen.add(document.key)

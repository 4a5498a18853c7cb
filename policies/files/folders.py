"""The files of policies on a disk and in an archive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.utils.translation import gettext as _

from policies.files import layout
from policies.files.documents import PolicyDocument
from policies.files.faults import Fault, Faulty

MOST_POLICIES: Final = 200
MOST_BYTES_OF_A_POLICY: Final = 8_000_000

# The oldest day that a zip can name: the same policies give the same bytes on any day.
_ANY_DAY: Final = (1980, 1, 1, 0, 0, 0)


def load(folder: Path) -> list[PolicyDocument]:
    """Return the policies in ``folder``, or the one that it is, by key. Raises Faulty with all that is wrong."""
    documents: list[PolicyDocument] = []
    faults: list[Fault] = []
    for place in _policy_folders(folder):
        try:
            documents.append(layout.parse(_files(place)))
        except Fault as fault:
            faults.append(fault)
        except Faulty as faulty:
            faults += faulty.faults
    if faults:
        raise Faulty(faults)
    return documents


def save(folder: Path, files: Mapping[str, str], *, no_more: Iterable[str] = ()) -> list[str]:
    """Write ``files`` into ``folder``, and delete those of the paths in ``no_more`` that are there; return these.

    Raises Fault rather than follow a link out of the folder.
    """
    for path in (*files, *no_more):
        if (folder / path).is_symlink() or (folder / path).parent.is_symlink():
            raise Fault(_("This is a link; nothing is written through it."), file=path)
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
    gone = [path for path in no_more if path not in files and (folder / path).is_file()]
    for path in gone:
        (folder / path).unlink()
    return gone


def archive(files: Mapping[str, str]) -> bytes:
    """Return ``files`` as a zip; the same files give the same bytes."""
    held = BytesIO()
    with ZipFile(held, "w") as zipped:
        for path, text in files.items():
            entry = ZipInfo(path, date_time=_ANY_DAY)
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            zipped.writestr(entry, text.encode())
    return held.getvalue()


def _policy_folders(folder: Path) -> list[Path]:
    folder = folder.resolve()
    if (folder / layout.POLICY_FILE).is_file():
        return [folder]
    if not folder.is_dir():
        raise Faulty([Fault(_("There is no such folder."), file=str(folder))])
    found = sorted(place for place in folder.iterdir() if (place / layout.POLICY_FILE).is_file())
    if not found:
        told = _("No folder in it holds a policy.yaml.")
        raise Faulty([Fault(told, file=folder.name)])
    if len(found) > MOST_POLICIES:
        told = _("It holds more than %(most)s policies.") % {"most": MOST_POLICIES}
        raise Faulty([Fault(told, file=folder.name)])
    return found


def _files(place: Path) -> dict[str, bytes]:
    """Read policy.yaml and what is named like a clause; other files, such as a README.md, are nobody's business."""
    paths = [place / layout.POLICY_FILE, *sorted(path for path in place.glob(f"*{layout.ENDING}") if _is_ours(path))]
    if len(paths) > layout.MOST_CLAUSES + 1:
        raise Fault(_("It holds more than %(most)s clauses.") % {"most": layout.MOST_CLAUSES}, file=place.name)
    files: dict[str, bytes] = {}
    left = MOST_BYTES_OF_A_POLICY
    for path in paths:
        name = f"{place.name}/{path.name}"
        if place.is_symlink() or path.is_symlink():
            raise Fault(_("This is a link; put the file itself there."), file=name)
        with path.open("rb") as file:
            files[name] = file.read(layout.MOST_BYTES + 1)
        left -= len(files[name])
        if left < 0:
            told = _("The files of this policy are larger than %(most)s bytes together.")
            raise Fault(told % {"most": f"{MOST_BYTES_OF_A_POLICY:,}"}, file=place.name)
    return files


def _is_ours(path: Path) -> bool:
    return layout.is_clause_key(path.name.removesuffix(layout.ENDING))

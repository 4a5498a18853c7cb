"""Files as people upload them, and the worker that takes them."""

import gzip
import io
import json
from typing import Any

from incidents.imports import operations, tasks
from incidents.imports.models import Import
from incidents.intake.formats.catalogue import FORMATS
from tests.factories import make_user
from tests.intake.native import native


def lines(*records: dict[str, Any] | bytes) -> bytes:
    return b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in records)


def make_import(content: bytes | None = None, *, format: str = "native", packed: bool = False, **more: Any) -> Import:
    body = lines(native()) if content is None else content
    sent = gzip.compress(body) if packed else body
    by = more.pop("by", None) or make_user(role="lead")
    said = {"name": "alerts.jsonl", "source": "files"} | more
    return operations.upload(io.BytesIO(sent), size=len(sent), known=FORMATS[format], by=by, **said)


def rehearsed(found: Import) -> Import:
    operations.rehearse(found, by=found.made_by)
    tasks.rehearse()
    return fresh(found)


def imported(found: Import) -> Import:
    operations.start(found, by=found.made_by)
    tasks.import_files()
    return fresh(found)


def fresh(found: Import) -> Import:
    return Import.objects.for_page().get(pk=found.pk)

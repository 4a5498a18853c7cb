from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, is_dataclass, replace
from enum import StrEnum

from django.db import transaction

from incidents.actors.models import Actor
from incidents.sharing import misp, queries, rules, stix
from incidents.sharing.queries import Chosen, Terms
from incidents.sharing.wording import Shared, Tlp
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused


class Format(StrEnum):
    STIX = "stix"
    MISP = "misp"


MAKERS = {Format.STIX: stix.document_of, Format.MISP: misp.document_of}


@dataclass(frozen=True)
class Request:
    """What a person asks for. ``is_by_name``: with outside ids, for which ``reason`` says why."""

    format: Format
    tlp: Tlp
    title: str
    is_by_name: bool = False
    reason: str = ""


@dataclass(frozen=True)
class File:
    """What leaves: ASCII alone, so that no reader takes a name for anything else."""

    name: str
    body: bytes
    shared: Shared

    asked: Request

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    @property
    def digest(self) -> str:
        """What stands for all that was shown, but for the moment at which it is made."""
        told = [self.asked, replace(self.shared, made_at=self.shared.since)]
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=_plain).encode()).hexdigest()


def _plain(value: object) -> object:
    return vars(value) if is_dataclass(value) else str(value)


def look(chosen: Chosen, asked: Request, *, by: User) -> File:
    """Return the file as it would be, and write nothing. Raises Refused. 3 queries."""
    if refusal := rules.refusal_to_share(by, actors=len(chosen.actors)):
        raise Refused(refusal)
    if asked.is_by_name and (refusal := rules.refusal_to_name(by, asked.reason)):
        raise Refused(refusal, code="invalid", status=422, errors={"reason": [refusal]})
    names = [] if asked.is_by_name else [one.external_id for one in chosen.actors]
    if refusal := rules.refusal_of_title(asked.title, names=names, staff=queries.names_of_staff()):
        raise Refused(refusal, code="invalid", status=422, errors={"title": [refusal]})
    terms = Terms(asked.title, asked.tlp, asked.is_by_name, clock.now())
    shared = queries.shared(chosen, terms)
    text = json.dumps(MAKERS[asked.format](shared), indent=1)
    day = f"{terms.made_at:%Y%m%d}"
    return File(f"trustdesk-actors-{day}-{asked.tlp}.{asked.format}.json", text.encode("ascii"), shared, asked)


@transaction.atomic
def share(chosen: Chosen, asked: Request, *, by: User, looked_at: File | None = None) -> File:
    """Let a file leave, ``looked_at`` or a new one: record who made it of whom, and its checksum. Raises Refused."""
    file = looked_at or look(chosen, asked, by=by)
    kind = "sharing.exported" if isinstance(chosen.about, Actor) else "sharing.exported_incident"
    record(
        f"{kind}_by_name" if asked.is_by_name else kind,
        on=[*([] if isinstance(chosen.about, Actor) else [chosen.about]), *chosen.actors],
        by=by,
        reason=asked.reason.strip() if asked.is_by_name else "",
        data={
            "format": asked.format,
            "tlp": asked.tlp,
            "actors": len(chosen.actors),
            "links": len(file.shared.ties),
            "with_outside_ids": asked.is_by_name,
            "bytes": len(file.body),
            "sha256": file.checksum,
        },
    )
    return file

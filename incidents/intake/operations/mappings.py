"""Mappings of columns that have a name: each change is a new version."""

from __future__ import annotations

import re
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from incidents.intake import queries, rules
from incidents.intake.formats import columns, generic_csv
from incidents.intake.models import SavedMapping
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused

_NAME: Final = re.compile(r"[a-z0-9][-a-z0-9_]{0,59}")


@transaction.atomic
def save_mapping(name: str, mapping: dict[str, Any], *, by: User) -> SavedMapping:
    """Keep ``mapping`` under ``name`` as its next version; the same again is no version. Raises Refused."""
    if sentence := rules.refusal_to_import(by):
        raise Refused(sentence)
    if sentence := _fault_in_name(name):
        raise Refused(sentence, code="invalid", errors={"name": [sentence]})
    if sentences := columns.problems(mapping, columns.named_in(mapping)):
        raise Refused(sentences[0], code="invalid", errors={"mapping": sentences})
    last = queries.saved_mapping(name)
    if last and last.mapping == mapping:
        return last
    made = SavedMapping(
        name=name, version=last.version + 1 if last else 1, mapping=mapping, made_by=by, made_at=clock.now()
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(
            _("Someone saved %(name)s at this moment. Look at it, then save again.") % {"name": name}
        ) from error
    record("intake.mapping_saved", on=[made], by=by, data={"version": made.version})
    return made


def _fault_in_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        return _("A name has lower-case letters, digits, hyphens and underscores, at most 60, and no other first sign.")
    if name in generic_csv.names():
        return _("A ready-made mapping has this name.")
    return ""

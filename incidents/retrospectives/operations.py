"""Every write to retrospectives."""

from datetime import date

from django.db import transaction

from incidents.response.models import Incident
from incidents.retrospectives import freezing, rules
from incidents.retrospectives.models import ActionItem, Retrospective, Section, SignOff
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused


@transaction.atomic
def create_retrospective(incident: Incident, *, by: User) -> Retrospective:
    """Start the one retrospective of ``incident``, with its sections empty. Raises Refused."""
    incident = Incident.objects.select_for_update().get(pk=incident.pk)
    if reason := rules.refusal_to_start(incident, by):
        raise Refused(reason)

    retrospective = Retrospective.objects.create(
        incident=incident, title=incident.title, created_by=by, created_at=clock.now()
    )
    Section.objects.bulk_create(Section(retrospective=retrospective, key=key) for key in Section.Key)
    record("retrospective.created", on=[retrospective, incident], by=by)
    return retrospective


@transaction.atomic
def write_section(retrospective: Retrospective, *, key: str, text: str, version: int, by: User) -> Section:
    """Put ``text`` into a section whose ``version`` the writer started from. Raises Refused (code "stale")."""
    retrospective = _locked_to_write(retrospective, by)
    section = retrospective.sections.get(key=key)
    if reason := rules.refusal_of_section(section, version, text):
        raise Refused(reason, code="stale" if section.version != version else "refused")
    if section.text == text.strip():
        return section

    section.text, section.version = text.strip(), section.version + 1
    section.save(update_fields=["text", "version"])
    _raise_version(retrospective)
    data = {"section": key, "version": retrospective.version}
    record("retrospective.written", on=[retrospective, retrospective.incident], by=by, data=data)
    return section


@transaction.atomic
def add_action_item(
    retrospective: Retrospective, *, text: str, owner: User, check_back_on: date, by: User
) -> ActionItem:
    """Note something to do, who does it and when to look whether it helped. Raises Refused."""
    retrospective = _locked_to_write(retrospective, by)
    if reason := rules.refusal_of_action_item(text, owner, check_back_on, clock.now().date()):
        raise Refused(reason)

    item = retrospective.action_items.create(
        text=text.strip(), owner=owner, check_back_on=check_back_on, created_at=clock.now()
    )
    _raise_version(retrospective)
    record("retrospective.action_added", on=[retrospective, retrospective.incident, item, owner], by=by)
    return item


@transaction.atomic
def remove_action_item(item: ActionItem, *, by: User) -> None:
    """Take an action item out of a draft. Raises Refused."""
    retrospective = _locked_to_write(item.retrospective, by)
    if not retrospective.action_items.filter(pk=item.pk).exists():
        return
    record("retrospective.action_removed", on=[retrospective, retrospective.incident, item], by=by)
    retrospective.action_items.filter(pk=item.pk).delete()
    _raise_version(retrospective)


@transaction.atomic
def finish_action_item(item: ActionItem, *, by: User) -> ActionItem:
    """Say that it is done. Raises Refused."""
    item = ActionItem.objects.select_for_update(of=["self"]).select_related("retrospective", "owner").get(pk=item.pk)
    if reason := rules.refusal_to_finish(item, by):
        raise Refused(reason)

    item.done_at, item.done_by = clock.now(), by
    item.save(update_fields=["done_at", "done_by"])
    record("retrospective.action_done", on=[item.retrospective, item], by=by)
    return item


@transaction.atomic
def sign_off(retrospective: Retrospective, *, version: int, by: User) -> Retrospective:
    """Sign the ``version`` that ``by`` has read; the second person's signature freezes it. Raises Refused."""
    retrospective = _locked(retrospective)
    if reason := rules.refusal_to_sign(retrospective, version, by):
        raise Refused(reason)

    now = clock.now()
    SignOff.objects.create(retrospective=retrospective, by=by, at=now, version=version)
    data = {"version": version}
    record("retrospective.signed", on=[retrospective, retrospective.incident], by=by, data=data)
    if retrospective.sign_offs.filter(version=version).count() < rules.SIGNATURES:
        return retrospective

    retrospective.status = Retrospective.Status.SIGNED
    retrospective.signed_at = now
    retrospective.facts = freezing.freeze(retrospective.incident)
    retrospective.save(update_fields=["status", "signed_at", "facts"])
    record("retrospective.frozen", on=[retrospective, retrospective.incident], by=None, data=data)
    return retrospective


# ── Inside ───────────────────────────────────────────────


def _locked(retrospective: Retrospective) -> Retrospective:
    rows = Retrospective.objects.select_for_update(of=["self"]).select_related("incident")
    return rows.get(pk=retrospective.pk)


def _locked_to_write(retrospective: Retrospective, by: User) -> Retrospective:
    retrospective = _locked(retrospective)
    if reason := rules.refusal_to_write(retrospective, by):
        raise Refused(reason)
    return retrospective


def _raise_version(retrospective: Retrospective) -> None:
    """Make a new version of the whole: signatures of the old one are not in force any more."""
    retrospective.version += 1
    retrospective.save(update_fields=["version"])

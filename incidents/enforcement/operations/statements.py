"""What actors are told: the templates, and the statement that is frozen when an action is approved."""

from __future__ import annotations

from django.db import transaction

from incidents.enforcement import statement_rules as rules, telling
from incidents.enforcement.models import EnforcementAction, Statement, StatementTemplate
from policies.models import PolicyVersion
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused


@transaction.atomic
def write_template(version: PolicyVersion, language: str, text: str, *, based_on: int, by: User) -> StatementTemplate:
    """Say anew how actors are told why, under ``version`` and later ones. Raises Refused.

    ``based_on`` is the number of the template that stood when the person began, 0 for none: what somebody else saved in
    the meantime is not written over.
    """
    version = PolicyVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    newest = StatementTemplate.objects.filter(version=version, language=language).order_by("-pk").first()
    if refusal := rules.refusal_to_write_template(version, text, by):
        raise Refused(refusal, errors={"text": [refusal]})
    if refusal := rules.refusal_of_base(newest.pk if newest else 0, based_on):
        raise Refused(refusal)

    made = StatementTemplate.objects.create(version=version, language=language, text=text, by=by, at=clock.now())
    data = {"language": language, "template": made.pk, "is_our_own": not text}
    record("statement.template_written", on=[version, version.policy], by=by, data=data)
    return made


def freeze(enforcement: EnforcementAction) -> Statement:
    """Write down what the actor of an approved action is told; what was written before stands. In its transaction."""
    if frozen := Statement.objects.filter(enforcement=enforcement).first():
        return frozen
    approved_at = enforcement.approved_at or clock.now()
    since = max(enforcement.starts_at or approved_at, approved_at)
    told = telling.told_of(enforcement, since=since, until=enforcement.ends_at)
    return Statement.objects.create(
        enforcement=enforcement, template=told.template, language=told.language, text=told.text, at=clock.now()
    )

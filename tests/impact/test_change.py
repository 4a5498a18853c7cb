"""What a draft changes, and which past decisions that is about."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from incidents.impact import operations, queries
from incidents.impact.expected import expected_of
from incidents.impact.models import Mark
from incidents.review.models import Retraction
from policies.models import ClauseVersion, PolicyVersion
from policies.operations import discard_draft
from tests.factories import make_user, publish
from tests.impact.factories import cite, flagged_benign, make_draft, make_sample
from trust import clock
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

STEPS = [{"from_strikes": 0, "kind": "warning"}, {"from_strikes": 3, "kind": "suspension"}]


def changed(draft):
    return queries.change_of(draft).clauses


@pytest.fixture
def editor():
    return make_user(role="policy_editor")


@pytest.mark.parametrize(
    ("fields", "changes_meaning"),
    [
        ({"definition": "Other words."}, True),
        ({"usual_severity": 3}, True),
        ({"ladder": ["none", "minor", "moderate", "serious", "worse"]}, True),
        ({"violates": [{"text": "A case", "reason": "why"}]}, True),
        ({"title": "Another title"}, False),
        ({"public_text": "Said otherwise."}, False),
        ({"recommended": {"2": "warning"}}, False),
        ({"recommended": {"2": STEPS}}, False),
        ({"does_not_violate": [{"text": "A case", "reason": "why"}]}, True),
        ({"languages": ["de"]}, True),
    ],
)
def test_whether_a_meaning_changes_is_proposed_from_what_was_edited(fields, changes_meaning):
    [one] = changed(make_draft(fields=[fields]))

    assert (one.changes_meaning, one.is_said) == (changes_meaning, False)
    assert len(one.fields) == 1


TERM = {"term": "Bot", "meaning": "An account without a person."}
OTHERWISE = {**TERM, "meaning": "An account that mostly posts without a person."}


@pytest.mark.parametrize(
    ("before", "after"), [([TERM], [OTHERWISE]), ([TERM], []), ([], [TERM]), ([TERM], [{**OTHERWISE, "term": "BOT"}])]
)
@pytest.mark.parametrize(
    "uses",
    [
        {"definition": "What a bot writes."},
        {"public_text": "No bots, and no (Bot)."},
        {"violates": [{"text": "A case", "reason": "A bot wrote it."}]},
        {"ladder": ["none", "minor", "one bot", "serious", "critical"]},
    ],
)
def test_a_term_that_is_defined_otherwise_changes_the_meaning_of_each_clause_that_uses_it(before, after, uses):
    [one] = changed(make_draft(fields=[uses], definitions=(before, after), **uses))

    assert (one.fate, one.terms) == ("kept", [(after or before)[0]["term"]])
    assert (one.changes_meaning, one.is_said) == (True, False)


def test_what_uses_no_term_or_only_a_part_of_a_word_stays_and_a_term_that_stays_changes_nothing():
    of_a_word = {"definition": "A robotic arm, and a bottle."}
    stays = {"definition": "What a bot writes."}

    assert changed(make_draft(fields=[of_a_word], definitions=([TERM], [OTHERWISE]), **of_a_word)) == []
    assert changed(make_draft(fields=[stays], definitions=([TERM], [TERM]), **stays)) == []


def test_a_writer_may_say_that_a_term_only_reads_otherwise_and_a_sample_is_of_its_definition(editor, client):
    uses = {"definition": "What a bot writes."}
    draft = make_draft(fields=[uses], definitions=([TERM], [OTHERWISE]), **uses)
    cite(draft)
    sample = make_sample(draft)
    assert not operations.is_over(sample)
    client.force_login(make_user())
    assert OTHERWISE["meaning"] in client.get(f"/policies/impact/samples/{sample.pk}/").text

    client.force_login(editor)
    page = f"/policies/{draft.policy.key}/versions/2/impact/"
    assert "Uses a term that is defined otherwise: Bot" in client.get(page).text
    PolicyVersion.objects.filter(pk=draft.pk).update(definitions=[{**OTHERWISE, "meaning": "Said again otherwise."}])
    assert operations.is_over(sample)

    operations.mark(draft, draft.clauses.get().clause.key, changes_meaning=False, by=editor)
    [one] = changed(draft)
    assert (one.terms, one.changes_meaning, one.is_said) == (["Bot"], False, True)


def test_a_clause_that_stays_as_it_is_does_not_stand_there():
    assert changed(make_draft(fields=[{}])) == []


def test_the_newest_word_of_a_writer_stands(editor):
    draft = make_draft(fields=[{"definition": "Spelt right."}])
    key = draft.clauses.get().clause.key

    for changes_meaning in (True, False):
        operations.mark(draft, key, changes_meaning=changes_meaning, by=editor)

    [one] = changed(draft)
    assert (one.changes_meaning, one.is_said) == (False, True)


def test_a_clause_that_is_taken_out_is_followed_by_another(editor):
    draft = make_draft(fields=[{"definition": "Both cases."}, {}])
    stays, goes = draft.clauses.select_related("clause").order_by("pk")
    goes.delete()

    operations.mark(draft, goes.clause.key, changes_meaning=False, successor=stays.clause, by=editor)

    gone = next(one for one in changed(draft) if one.is_removed)
    assert (gone.key, gone.successor, gone.changes_meaning) == (goes.clause.key, stays.clause.key, True)
    with pytest.raises(Refused, match="Only a clause that is taken out"):
        operations.mark(draft, stays.clause.key, changes_meaning=True, successor=stays.clause, by=editor)


def test_only_editors_say_so_and_only_of_a_draft(editor):
    draft = make_draft()
    key = draft.clauses.get().clause.key
    with pytest.raises(Refused, match="Only policy editors"):
        operations.mark(draft, key, changes_meaning=True, by=make_user(role="policy_approver"))
    with pytest.raises(Refused, match="does not change that clause"):
        operations.mark(draft, "another.clause", changes_meaning=True, by=editor)
    made = operations.mark(draft, key, changes_meaning=True, by=editor)

    draft.policy.versions.filter(status="published").update(status="retired", retired_at=clock.now())
    publish(draft)

    with pytest.raises(Refused, match="is published"):
        operations.mark(draft, key, changes_meaning=False, by=editor)
    with pytest.raises(IntegrityError, match="is no draft"), transaction.atomic():
        Mark.objects.create(version=draft, clause=made.clause, changes_meaning=False, by=editor, at=clock.now())
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Mark.objects.update(changes_meaning=False)


def test_a_draft_about_which_something_was_said_can_be_discarded(editor):
    draft = make_draft()
    cite(draft)
    make_sample(draft)
    operations.mark(draft, draft.clauses.get().clause.key, changes_meaning=True, by=editor)

    discard_draft(draft, by=editor)

    assert not ClauseVersion.objects.filter(version__number=2, version__policy=draft.policy).exists()


def test_decisions_that_stand_are_counted_by_severity_and_those_of_a_month_apart():
    draft, now = make_draft(), clock.now()
    for severity in (1, 2, 2):
        cite(draft, severity=severity)
    cite(draft, decided_at=now - timedelta(days=31))
    taken_back = cite(draft)
    Retraction.objects.create(decision=taken_back, by=taken_back.by, at=now)

    [cited] = queries.cited_in(queries.change_of(draft), now).values()

    assert (cited.total, cited.recent, cited.by_severity) == (4, 3, (0, 1, 2, 0, 0))


def test_what_would_be_recommended_otherwise_is_said_with_how_often():
    draft = make_draft(fields=[{"recommended": {"2": "suspension", "3": "ban"}}], recommended={"2": "warning"})
    for severity in (1, 2, 2):
        cite(draft, severity=severity)
    change, now = queries.change_of(draft), clock.now()

    [sentence] = expected_of(change, queries.cited_in(change, now), queries.past_of(change, now), None)

    assert sentence.endswith("S2: 2 decisions would bring Suspension instead of Warning.")


def test_benign_decisions_on_what_was_flagged_for_the_policy_are_counted_beside():
    draft, other = make_draft(), make_draft()
    cite(draft)
    flagged_benign(draft)
    flagged_benign(other)

    past = queries.past_of(queries.change_of(draft), clock.now())

    assert (past.cited, past.recent, past.flagged) == (1, 1, 1)

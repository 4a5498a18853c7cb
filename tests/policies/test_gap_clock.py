"""The clock of a gap: right across publications to come, versions that retire, and gaps that are opened again."""

from datetime import UTC, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from policies import operations
from policies.models import ClauseVersion, GapDay, GapEvent, PolicyGap, PolicyVersion
from policies.tasks import publish_due
from tests.factories import NOW, make_clause, make_policy_version, make_user
from trust import clock
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
WORDING = operations.Wording(title="New", definition="New.", public_text="New.")


@pytest.fixture
def editor():
    return make_user(role="policy_editor")


@pytest.fixture
def approver():
    return make_user(role="policy_approver")


def opened(days=0, **finds) -> PolicyGap:
    with clock.at(NOW + days * DAY):
        return operations.join_gap("votes for a pet contest", by=None, **finds)


def submitted(gap, text, editor, *, days) -> PolicyVersion:
    with clock.at(NOW + days * DAY):
        version = operations.draft_clause(text.clause, wording=WORDING, change_note="Why.", gap=gap, by=editor)
        return operations.submit_for_review(version, by=editor)


def published(gap, text, editor, approver, *, days) -> PolicyVersion:
    version = submitted(gap, text, editor, days=days)
    with clock.at(NOW + days * DAY):
        return operations.publish_version(version, reason="Good.", by=approver)


def events(gap) -> list[tuple[int, str]]:
    return list(gap.events.order_by("pk").values_list("clock_number", "kind"))


def retired(version, *, days) -> PolicyVersion:
    """Take a version out of force with nothing in its place."""
    with clock.at(NOW + days * DAY), transaction.atomic():
        PolicyVersion.objects.filter(pk=version.pk).update(status="retired", retired_at=clock.now())
        operations.note_retired(version, by=None)
    version.refresh_from_db()
    return version


# ── Publications to come ─────────────────────────────────


def test_a_publication_to_come_covers_the_gap_from_its_moment_alone(editor, approver):
    gap, text = opened(), make_clause()
    version = submitted(gap, text, editor, days=1)
    with clock.at(NOW + 2 * DAY):
        operations.publish_at(version, moment=NOW + 9 * DAY, reason="Good.", by=approver)

    with clock.at(NOW + 8 * DAY):
        publish_due()
        operations.note_first_enforcement(text, by=None)
    gap.refresh_from_db()
    assert (gap.status, gap.published_at, gap.first_enforced_at) == ("drafting", None, None)

    with clock.at(NOW + 9 * DAY):
        publish_due()
    gap.refresh_from_db()
    assert (gap.status, gap.drafted_at, gap.published_at) == ("covered", NOW + DAY, NOW + 9 * DAY)
    assert gap.covered_by == version


def test_a_publication_that_is_cancelled_covers_nothing(editor, approver):
    gap = opened()
    version = submitted(gap, make_clause(), editor, days=1)
    with clock.at(NOW + 2 * DAY):
        operations.publish_at(version, moment=NOW + 9 * DAY, reason="Good.", by=approver)
        operations.cancel_publication(version, reason="An error.", by=approver)

    with clock.at(NOW + 10 * DAY):
        publish_due()

    gap.refresh_from_db()
    assert (gap.status, gap.published_at) == ("drafting", None)


def test_enforcement_of_the_words_before_stops_no_clock(editor, approver):
    gap, before = opened(), make_clause()
    version = published(gap, before, editor, approver, days=3)

    with clock.at(NOW + 4 * DAY):
        assert operations.note_first_enforcement(before, by=None) == []
    with clock.at(NOW + 5 * DAY):
        assert operations.note_first_enforcement(version.clauses.get(), by=None) == [gap]
        assert operations.note_first_enforcement(version.clauses.get(), by=None) == []

    gap.refresh_from_db()
    assert gap.first_enforced_at == NOW + 5 * DAY


# ── Versions that retire ─────────────────────────────────


def test_a_version_that_is_replaced_leaves_the_gap_covered(editor, approver):
    gap, text = opened(), make_clause()
    first = published(gap, text, editor, approver, days=1)

    operations.note_first_enforcement(first.clauses.get(), by=None)
    published(None, text, editor, approver, days=5)

    gap.refresh_from_db()
    assert (gap.status, gap.clock_number, gap.published_at) == ("covered", 1, NOW + DAY)
    assert gap.covered_by == first


def test_a_version_that_leaves_the_clause_out_opens_the_gap_again(editor, approver):
    version = make_policy_version(status="draft", published_at=None)
    gap, text = opened(), make_clause(version=version)
    make_clause(version=version)
    PolicyVersion.objects.filter(pk=version.pk).update(status="published", published_at=NOW)
    published(gap, text, editor, approver, days=1)
    with clock.at(NOW + 4 * DAY):
        draft = operations.open_draft(text.clause.policy, by=editor)
        operations.remove_clause(draft.clauses.get(clause=text.clause), by=editor)
        operations.submit_for_review(draft, by=editor)

    gap.refresh_from_db()
    assert gap.status == "covered"
    with clock.at(NOW + 6 * DAY):
        operations.publish_version(draft, reason="Good.", by=approver)

    gap.refresh_from_db()
    assert (gap.status, gap.clause, gap.reopened_at) == ("open", None, NOW + 6 * DAY)
    assert AuditEvent.objects.about(gap).filter(kind="policy_gap.uncovered").count() == 1


def test_a_version_that_retires_opens_its_gap_again_with_a_new_clock(editor, approver):
    gap, text = opened(), make_clause()
    version = published(gap, text, editor, approver, days=1)

    retired(version, days=7)

    gap.refresh_from_db()
    assert (gap.status, gap.clock_number, gap.clock_began_at) == ("open", 2, NOW + 7 * DAY)
    assert (gap.opened_at, gap.drafted_at, gap.published_at, gap.covered_by) == (NOW, None, None, None)
    assert events(gap) == [(1, "opened"), (1, "drafted"), (1, "covered"), (2, "reopened")]


def test_a_name_that_was_taken_meanwhile_is_told_apart_by_a_number(editor, approver):
    gap, text = opened(), make_clause()
    version = published(gap, text, editor, approver, days=1)
    namesake = opened(days=3)

    retired(version, days=7)

    gap.refresh_from_db()
    assert namesake != gap
    assert (gap.status, gap.title) == ("open", "votes for a pet contest (2)")


# ── Gaps that are opened again ───────────────────────────


def test_a_gap_that_is_opened_again_has_a_new_clock_and_keeps_the_old_one(editor, approver):
    gap, text = opened(), make_clause()
    version = published(gap, text, editor, approver, days=2)
    with clock.at(NOW + 3 * DAY):
        operations.note_first_enforcement(version.clauses.get(), by=None)

    with clock.at(NOW + 10 * DAY):
        operations.reopen_gap(gap, reason="It goes on in verse.", by=editor)
    again = published(gap, text, editor, approver, days=14)

    gap.refresh_from_db()
    assert (gap.clock_began_at, gap.drafted_at, gap.published_at) == tuple(NOW + days * DAY for days in (10, 14, 14))
    assert (gap.covered_by, gap.first_enforced_at) == (again, None)
    old = gap.events.filter(clock_number=1).order_by("pk")
    assert list(old.values_list("kind", "at")) == [
        ("opened", NOW),
        ("drafted", NOW + 2 * DAY),
        ("covered", NOW + 2 * DAY),
        ("enforced", NOW + 3 * DAY),
    ]


def test_enforcement_of_what_covered_it_before_does_not_stop_the_new_clock(editor, approver):
    gap, text = opened(), make_clause()
    first = published(gap, text, editor, approver, days=2)
    with clock.at(NOW + 10 * DAY):
        operations.reopen_gap(gap, reason="It goes on.", by=editor)
    second = published(gap, text, editor, approver, days=14)

    assert operations.note_first_enforcement(first.clauses.get(), by=None) == []
    assert operations.note_first_enforcement(second.clauses.get(), by=None) == [gap]


def test_a_draft_that_is_discarded_did_not_start_the_drafting(editor):
    gap, text = opened(), make_clause()
    with clock.at(NOW + DAY):
        draft = operations.draft_clause(text.clause, wording=WORDING, change_note="Why.", gap=gap, by=editor)
        operations.discard_draft(draft, by=editor)

    submitted(gap, text, editor, days=6)

    gap.refresh_from_db()
    assert (gap.drafted_at, gap.clock_number) == (NOW + 6 * DAY, 1)
    assert [kind for _clock, kind in events(gap)] == ["opened", "drafted", "dropped", "drafted"]


def test_opening_again_needs_an_editor_a_reason_and_a_gap_that_was_answered(editor):
    gap = opened()

    with pytest.raises(Refused, match="is open"):
        operations.reopen_gap(gap, reason="More.", by=editor)
    operations.close_gap(gap, reason="Harmless.", by=editor)
    with pytest.raises(Refused, match="Only a policy editor"):
        operations.reopen_gap(gap, reason="More.", by=make_user(role="lead"))
    with pytest.raises(Refused, match="Give your reason"):
        operations.reopen_gap(gap, reason=" ", by=editor)
    namesake = opened(days=1)
    with pytest.raises(Refused, match="There is an open gap"):
        operations.reopen_gap(gap, reason="More.", by=editor)
    operations.close_gap(namesake, reason="Harmless.", by=editor)

    operations.reopen_gap(gap, reason="More.", by=editor)

    gap.refresh_from_db()
    assert (gap.status, gap.clock_number) == ("open", 2)
    assert gap.events.get(kind="reopened").reason == "More."


# ── What is kept ─────────────────────────────────────────


def test_days_add_up_to_the_items_also_after_some_were_taken_back():
    early, late = (operations.Find(NOW + days * DAY, severity) for days, severity in ((0, 3), (2, 1)))
    gap = opened(days=2, finds=[early, late, late])

    assert (gap.items, gap.highest_severity, gap.opened_at) == (3, 3, NOW + 2 * DAY)
    assert (gap.first_seen_at, gap.last_seen_at) == (NOW, NOW + 2 * DAY)
    operations.leave_gap(gap, find=operations.Find(NOW, 4), by=None)  # an alert came since: it was counted under 3

    gap.refresh_from_db()
    assert (gap.items, gap.highest_severity) == (2, 1)
    left = GapDay.objects.filter(gap=gap, items__gt=0).values_list("day", "severity", "items")
    assert list(left) == [((NOW + 2 * DAY).astimezone(UTC).date(), 1, 2)]


def test_an_editor_takes_a_gap_hands_it_on_and_lets_go_of_it(editor):
    gap, other = opened(), make_user(role="policy_editor")

    operations.own_gap(gap, owner=editor, by=editor)
    operations.own_gap(gap, owner=editor, by=editor)
    operations.own_gap(gap, owner=other, by=editor)
    operations.own_gap(gap, owner=None, by=other)

    owners = gap.events.filter(kind="owned").order_by("pk").values_list("owner", flat=True)
    assert list(owners) == [editor.pk, other.pk, None]
    with pytest.raises(Refused, match="not a policy editor"):
        operations.own_gap(gap, owner=make_user(role="lead"), by=editor)
    with pytest.raises(Refused, match="Only a policy editor"):
        operations.own_gap(gap, owner=editor, by=make_user(role="lead"))
    operations.close_gap(gap, reason="Harmless.", by=editor)
    with pytest.raises(Refused, match="already closed"):
        operations.own_gap(gap, owner=editor, by=editor)


@pytest.mark.parametrize("change", ["update policies_gapevent set at = now()", "delete from policies_gapevent"])
def test_what_happened_to_a_gap_is_never_changed(change):
    opened()

    with (
        pytest.raises(Exception, match=r"append-only|permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)


def test_the_database_keeps_states_and_times_together():
    text: ClauseVersion = make_clause()
    for wrong in (
        {"status": "covered", "clause": None},
        {"status": "open", "published_at": NOW},
        {"clock_number": 2, "reopened_at": None},
        {"status": "open", "covered_by": text.version},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            PolicyGap.objects.create(title="x", opened_at=NOW, last_seen_at=NOW, **wrong)
    gap = opened()
    with pytest.raises(IntegrityError, match="once_in_a_clock"), transaction.atomic():
        GapEvent.objects.create(gap=gap, clock_number=1, kind="opened", at=NOW)

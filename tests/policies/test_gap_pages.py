"""The board of gaps and a gap's own page: what they show, and what an editor does there."""

from datetime import timedelta

import pytest
from django.urls import reverse

from policies import gap_board, operations
from policies.models import PolicyGap
from tests.factories import make_clause, make_user
from trust import clock

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TODAY = clock.now().date()
GAPS = reverse("policies:gaps")


@pytest.fixture
def editor(client):
    person = make_user(role="policy_editor", name="Mira Sand")
    client.force_login(person)
    return person


def found(*days_ago, title="pet votes", severity=2) -> PolicyGap:
    finds = [operations.Find(clock.now() - days * DAY, severity) for days in days_ago]
    return operations.join_gap(title, finds=finds, by=None)


def page_of(client, gap):
    return client.get(reverse("policies:gap", args=[gap.pk]))


@pytest.mark.parametrize(
    ("days_ago", "this_week", "before", "is_growing"),
    [
        ([0, 6, 6, 7, 34, 35], 3, 2, True),
        ([0, 1], 2, 0, False),
        ([0, 1, 2, *[8] * 7], 3, 7, False),
        ([40], 0, 0, False),
    ],
)
def test_growth_is_this_week_against_the_four_before(days_ago, this_week, before, is_growing):
    gap = found(*days_ago)

    growth = gap_board.growth_of([gap], TODAY).get(gap.pk, gap_board.Growth())

    assert (growth.this_week, growth.before, growth.is_growing) == (this_week, before, is_growing)


def test_the_board_tells_volume_growth_severity_and_owner(client, editor):
    gap = found(0, 1, 2, 20, severity=3)
    operations.own_gap(gap, owner=editor, by=editor)

    page = client.get(GAPS).text

    for told in ("4 items", "3 items this week", "1 in the four weeks before", "growing", "S3", "Mira Sand"):
        assert told in page


def test_the_board_is_narrowed_by_state_and_owner(client, editor):
    mine, nobodys, closed = found(0), found(0, title="verses"), found(0, title="odes")
    operations.own_gap(mine, owner=editor, by=editor)
    operations.close_gap(closed, reason="Harmless.", by=editor)

    def shown(**query) -> list[PolicyGap]:
        return client.get(GAPS, query).context["page"].rows

    assert shown(owner="me") == [mine]
    assert shown(owner="nobody", state="open") == [nobodys]
    assert shown(state="not_a_violation") == [closed]
    assert client.get(GAPS, {"state": "lost"}).status_code == 400


def test_an_editor_takes_a_gap_on_the_board_and_gives_it_to_another(client, editor):
    gap, other = found(0), make_user(role="policy_editor", name="Ole Berg")

    taken = client.post(reverse("policies:own_gap", args=[gap.pk]), {"owner": editor.pk}, follow=True)
    given = client.post(reverse("policies:own_gap", args=[gap.pk]), {"owner": other.pk}, follow=True)
    wrong = client.post(reverse("policies:own_gap", args=[gap.pk]), {"owner": make_user(role="lead").pk})

    assert "Mira Sand answers the gap." in taken.text
    assert "Ole Berg answers the gap." in given.text
    assert wrong.status_code == 422
    gap.refresh_from_db()
    assert gap.owner == other


def test_a_gaps_page_tells_each_turn_of_its_clock(client, editor):
    text, approver = make_clause(), make_user(role="policy_approver")
    wording = operations.Wording(title="New", definition="New.", public_text="New.")
    begin = clock.now() - 20 * DAY
    with clock.at(begin):
        gap = operations.join_gap("pet votes", by=None)
    with clock.at(begin + 3 * DAY):
        version = operations.draft_clause(text.clause, wording=wording, change_note="Why.", gap=gap, by=editor)
        operations.submit_for_review(version, by=editor)
    with clock.at(begin + 8 * DAY):
        operations.publish_version(version, reason="Good.", by=approver)
    with clock.at(begin + 9 * DAY):
        client.post(reverse("policies:reopen_gap", args=[gap.pk]), {"reason": "It goes on."})

    answer = page_of(client, gap)

    now, before = answer.context["turn"], answer.context["turns_before"]
    assert (now.number, now.drafted_at, now.opened_at) == (2, None, begin + 9 * DAY)
    assert [(turn.until_drafted, turn.until_published, turn.ended_at) for turn in before] == [
        (3 * DAY, 5 * DAY, begin + 9 * DAY)
    ]
    for told in ("Clocks before", "after 3 days", "after 5 days", "It goes on.", "clock 2"):
        assert told in answer.text


def test_a_gaps_page_tells_editors_when_an_approved_draft_is_to_cover_it(client, editor):
    gap, text = found(0), make_clause()
    wording = operations.Wording(title="New", definition="New.", public_text="New.")
    version = operations.draft_clause(text.clause, wording=wording, change_note="Why.", gap=gap, by=editor)
    operations.submit_for_review(version, by=editor)
    moment = clock.now() + 2 * DAY
    operations.publish_at(version, moment=moment, reason="Good.", by=make_user(role="policy_approver"))

    assert "is approved; it covers the gap from" in page_of(client, gap).text
    client.force_login(make_user())
    page = page_of(client, gap).text
    assert "is approved" not in page
    assert reverse("policies:review", args=[version.policy.key, 2]) not in page


def test_reasons_are_asked_beside_their_field(client, editor):
    gap = found(0)

    unclosed = client.post(reverse("policies:close_gap", args=[gap.pk]), {"reason": " "})
    client.post(reverse("policies:close_gap", args=[gap.pk]), {"reason": "Harmless."})
    unopened = client.post(reverse("policies:reopen_gap", args=[gap.pk]), {})

    for answer in (unclosed, unopened):
        assert answer.status_code == 422
        assert "Give your reason" in answer.text


def test_a_reader_changes_nothing_and_sees_hostile_words_harmlessly(client, editor):
    gap = found(0, title="<script>alert(1)</script>‮")
    operations.close_gap(gap, reason="<img src=x onerror=alert(2)>", by=editor)
    client.force_login(make_user())

    page = page_of(client, gap).text

    for raw in ("<script>alert(1)", "<img src=x", "‮"):
        assert raw not in page
    assert "<form" not in page.partition("<main")[2].partition("</main")[0]


@pytest.mark.parametrize("rows", [2, 60])
def test_a_gaps_page_costs_the_same_with_a_long_history(client, editor, rows, django_assert_num_queries):
    gap = found(*range(rows))
    for number in range(rows):
        operations.own_gap(gap, owner=editor if number % 2 else None, by=editor)
        operations.own_gap(gap, owner=None if number % 2 else editor, by=editor)

    with django_assert_num_queries(6):
        page_of(client, gap)

"""A sample of past decisions, judged again blind, and what that says."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from incidents.impact import operations, queries
from incidents.impact.expected import expected_of
from incidents.impact.models import Rejudgement, Sample, Sampled
from incidents.intake.models import Restriction
from incidents.wellbeing import operations as wellbeing
from incidents.wellbeing.models import Exposure
from tests.factories import NOW, make_item, make_user
from tests.impact.factories import answer, cite, flagged_benign, make_draft, make_sample, old_text
from tests.wellbeing.factories import make_limits
from trust import clock
from trust.audit.models import AuditEvent
from trust.proportions import share_of
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

RECOUNT = """
    select count(*), count(*) filter (where answer.clause_id is null)
    from impact_rejudgement answer join impact_sampled one on one.id = answer.sampled_id
    join review_decision d on d.id = one.decision_id
    where one.sample_id = %s and d.verdict = 'violating'
"""


def strata_of(sample: Sample) -> list[str]:
    return sorted(sample.decisions.values_list("stratum", flat=True))


@pytest.mark.parametrize(
    ("cited", "flagged", "drawn"), [(12, 12, (5, 5)), (12, 2, (8, 2)), (3, 12, (3, 7)), (2, 1, (2, 1))]
)
def test_half_cites_what_changes_and_half_was_flagged_and_the_other_fills_up(cited, flagged, drawn):
    draft = make_draft()
    decisions = {cite(draft).pk for _decision in range(cited)} | {flagged_benign(draft).pk for _one in range(flagged)}

    sample = make_sample(draft, size=10)

    assert strata_of(sample) == ["cited"] * drawn[0] + ["flagged"] * drawn[1]
    assert set(sample.decisions.values_list("decision", flat=True)) <= decisions
    assert (sample.cited, sample.flagged) == (cited, flagged)


def test_the_draw_can_be_done_again_from_its_seed():
    draft = make_draft()
    for _decision in range(20):
        cite(draft)
    sample = make_sample(draft, size=10)
    change = queries.change_of(draft)

    again, other = (
        queries.draw(change, Sampled.Stratum.CITED, most=10, seed=seed, now=clock.now()) for seed in (sample.seed, "x")
    )

    assert set(again) == set(sample.decisions.values_list("decision", flat=True))
    assert set(other) != set(again)


def test_what_is_restricted_is_not_drawn():
    draft = make_draft()
    Restriction.objects.create(generation=cite(draft).item.generation, category="child_safety", created_at=NOW)
    with pytest.raises(Refused, match="nothing can be judged again"):
        make_sample(draft)

    shown = cite(draft)
    assert list(make_sample(draft).decisions.values_list("decision", flat=True)) == [shown.pk]


def test_a_clause_of_which_only_the_wording_changes_is_not_drawn_for():
    draft = make_draft(fields=[{"title": "Another title"}])
    cite(draft)

    with pytest.raises(Refused, match="nothing can be judged again"):
        make_sample(draft)


def test_flips_and_their_interval_equal_a_recount_in_plain_sql():
    draft = make_draft()
    for _decision in range(14):
        cite(draft)
        flagged_benign(draft)
    sample = make_sample(draft, size=28)
    by_stratum = {stratum: sample.decisions.filter(stratum=stratum) for stratum in ("cited", "flagged")}
    for number, one in enumerate(by_stratum["cited"][:12]):
        answer(one, None if number < 5 else old_text(draft), severity=3 if number == 11 else 2)
    for number, one in enumerate(by_stratum["flagged"][:11]):
        answer(one, old_text(draft) if number < 2 else None)

    flips = queries.flips_of(sample)

    with connection.cursor() as cursor:
        cursor.execute(RECOUNT, [sample.pk])
        judged, flipped = cursor.fetchone()
    assert (flips["cited"].judged, flips["cited"].flipped) == (judged, flipped) == (12, 5)
    assert (flips["cited"].drawn, flips["cited"].other_severity) == (14, 1)
    assert flips["cited"].share == share_of(5, 12)
    assert (flips["flagged"].judged, flips["flagged"].flipped) == (11, 2)
    change, now = queries.change_of(draft), clock.now()
    assert expected_of(change, queries.cited_in(change, now), queries.past_of(change, now), flips) == [
        "About 6 of 14 violations would be none (3 to 10).",
        "About 3 of 14 benign decisions would be violations (1 to 7).",
    ]


def test_nobody_judges_their_own_decision_again():
    draft, reviewer = make_draft(), make_user()
    cite(draft, by=reviewer)
    sample = make_sample(draft)
    one = sample.decisions.get()

    with pytest.raises(Refused, match="You made this decision"):
        answer(one, by=reviewer)
    with pytest.raises(IntegrityError, match="does not judge it again"), transaction.atomic():
        Rejudgement.objects.create(sampled=one, by=reviewer, at=clock.now())
    assert queries.samples_for(reviewer) == []
    assert queries.offered_to(reviewer, sample, clock.now()).first() is None


def test_of_two_who_answer_at_once_the_second_is_told(monkeypatch):
    draft = make_draft()
    cite(draft)
    one = make_sample(draft).decisions.get()
    answer(one)
    monkeypatch.setattr(queries, "answer_to", lambda sampled: None)  # as it was when both had looked

    with pytest.raises(Refused, match="Somebody else has just"):
        answer(one)
    assert Rejudgement.objects.count() == 1


def test_each_is_judged_again_once_and_an_answer_is_not_changed():
    draft = make_draft()
    cite(draft)
    one = make_sample(draft).decisions.get()
    answer(one)

    with pytest.raises(Refused, match="Somebody else has just"):
        answer(one)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Rejudgement.objects.update(severity=None)


def test_once_the_draft_says_something_else_the_sample_is_over():
    draft = make_draft(fields=[{"definition": "New words."}, {}])
    cite(draft)
    one = make_sample(draft).decisions.get()
    changed, other = draft.clauses.order_by("pk")

    other.title = "What does not matter here"
    other.save()
    assert not operations.is_over(one.sample)
    changed.definition = "Newer words."
    changed.save()

    assert operations.is_over(one.sample)
    with pytest.raises(Refused, match="says something else"):
        answer(one)


# ── Its pages ────────────────────────────────────────────


def test_who_judges_again_is_shown_the_new_wording_and_nothing_of_what_was_decided(client):
    draft = make_draft(fields=[{"definition": "New and <b>bold</b> words."}])
    decision = cite(draft, severity=3, note="Plainly spam.")
    sample, reviewer = make_sample(draft), make_user()
    client.force_login(reviewer)
    one = sample.decisions.get()
    address = f"/policies/impact/samples/{sample.pk}/"
    assert f'href="{address}"' in client.get("/").content.decode()

    covered = client.get(address).content.decode()
    page = client.post(f"{address}decisions/{one.pk}/reveal/").content.decode()

    assert "Lovely tea" not in covered
    assert "Lovely tea" in page
    assert "New and &lt;b&gt;bold&lt;/b&gt; words." in page
    for told in ("Plainly spam", "Judged before", decision.by.name, f"/items/{decision.item_id}/"):
        assert told not in covered + page
    viewed = AuditEvent.objects.get(kind="content.viewed")
    assert viewed.by_id == reviewer.pk
    assert Exposure.objects.get(person=reviewer).item_id == decision.item_id

    key = one.decision.violations.get().clause.clause.key
    client.post(f"{address}decisions/{one.pk}/", {"clause": key, "severity": "1"})

    said = Rejudgement.objects.get()
    assert (said.by, said.clause.key, said.severity) == (reviewer, key, 1)
    assert "All judged" in client.get(address).content.decode()
    assert client.post(f"{address}decisions/{one.pk}/reveal/").status_code == 404


@pytest.mark.parametrize(
    ("sent", "status"),
    [({"clause": "no.such"}, 422), ({"clause": "", "severity": "9"}, 422), ({"severity": "x"}, 422), ({}, 302)],
)
def test_a_broken_answer_is_named_and_nothing_is_said(client, sent, status):
    draft = make_draft()
    cite(draft)
    one = make_sample(draft).decisions.get()
    client.force_login(make_user())

    assert client.post(f"/policies/impact/samples/{one.sample_id}/decisions/{one.pk}/", sent).status_code == status
    assert Rejudgement.objects.count() == (status == 302)


@pytest.mark.parametrize("path", ["reveal/", ""])
def test_a_broken_answer_shows_content_to_nobody_who_may_not_judge_it_and_is_a_view_for_others(client, path):
    draft, reviewer = make_draft(), make_user()
    own, restricted, free = cite(draft, by=reviewer), cite(draft), cite(draft)
    sample = make_sample(draft)
    Restriction.objects.create(generation=restricted.item.generation, category="child_safety", created_at=NOW)
    client.force_login(reviewer)

    def sent(decision):
        one = sample.decisions.get(decision=decision)
        return client.post(f"/policies/impact/samples/{sample.pk}/decisions/{one.pk}/{path}", {"severity": "x"})

    assert [sent(decision).status_code for decision in (own, restricted)] == [404, 404]
    assert not AuditEvent.objects.filter(kind="content.viewed").exists()
    assert "Lovely tea" in sent(free).content.decode()
    assert AuditEvent.objects.filter(kind="content.viewed").count() == 1


def test_limits_hold_for_what_is_judged_again_too(client):
    draft, reviewer = make_draft(), make_user()
    decision = cite(draft)
    type(decision.round).objects.filter(pk=decision.round_id).update(expected_severity=3)
    sample = make_sample(draft)
    make_limits(reviewer, day_items_hard=1, severe_from=3)
    client.force_login(reviewer)
    address = f"/policies/impact/samples/{sample.pk}/"
    assert queries.offered_to(reviewer, sample, clock.now()).first() is not None
    wellbeing.note_exposure(wellbeing.Seen(make_item().pk, severity=3, categories=[]), seconds=0, by=reviewer)

    page = client.get(address).content.decode()

    assert "Nothing more for you now" in page
    assert client.post(f"{address}decisions/{sample.decisions.get().pk}/reveal/").status_code == 404


def test_an_editor_reads_the_impact_marks_clauses_and_draws_a_sample(client):
    draft = make_draft()
    cite(draft)
    client.force_login(make_user(role="policy_editor"))
    address = f"/policies/{draft.policy.key}/versions/2/impact/"
    key = draft.clauses.get().clause.key

    assert client.post(f"{address}mark/{key}/", {"changes_meaning": "maybe"}).status_code == 422
    assert client.post(f"{address}mark/{key}/", {"changes_meaning": "yes", "successor": "no.such"}).status_code == 422
    assert client.post(f"{address}mark/{key}/", {"changes_meaning": "yes"}).status_code == 302
    assert client.post(f"{address}sample/", {"size": "3"}).status_code == 422
    assert client.post(f"{address}sample/", {"size": "10"}).status_code == 302

    page = client.get(address).content.decode()
    assert "0 of 1 judged again; too few to say" in page


def test_sixty_clauses_take_as_many_queries_as_two(client, django_assert_num_queries):
    client.force_login(make_user(role="policy_editor"))
    for many in (2, 60):
        draft = make_draft(fields=[{"definition": "Other words."}] * many)
        cite(draft)
        make_sample(draft)
        client.get(f"/policies/{draft.policy.key}/versions/2/impact/")
        with django_assert_num_queries(11):
            client.get(f"/policies/{draft.policy.key}/versions/2/impact/")

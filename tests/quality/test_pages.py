"""The pages of detectors, of a source and of categories: what they say, to whom, and what they leave out."""

import html
import re
from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from incidents.intake.models import DetectorVersion
from incidents.quality.models import ArrivalCount, Category, CategoryOfSource, ThresholdSet
from incidents.queues.models import Damping, Item
from incidents.review import operations as review
from incidents.review.findings import Wrong
from policies.models import Mapping
from tests.factories import (
    NOW,
    make_alert,
    make_clause,
    make_damping,
    make_queue,
    make_round,
    make_source,
    make_user,
)
from tests.quality.made import judge, judge_many, make_routed
from tests.statistics.made import make_restricted_clause

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def general():
    return make_queue(is_default=True)


@pytest.fixture
def version() -> DetectorVersion:
    return DetectorVersion.objects.create(name="filter", version="7")


def words_of(client, address: str, role: str = "lead", **more) -> str:
    client.force_login(make_user(role=role))
    answer = client.get(address, **more)
    assert answer.status_code == 200
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def test_the_page_tells_precision_with_its_interval_and_n(client, version):
    judge_many(make_clause(), violating=9, benign=3, detector_version=version)

    said = words_of(client, f"/detectors/{version.pk}/")

    assert "0.75 0.47 to 0.91, n = 12" in said
    assert "spam 9 3 0.75" in said


def test_of_few_it_says_so_and_never_zero(client, version):
    judge_many(make_clause(), violating=0, benign=3, detector_version=version)

    said = words_of(client, f"/detectors/{version.pk}/")

    assert "too few to say n = 3" in said
    assert "0.00" not in said


def test_who_reads_no_exact_statistics_is_told_no_judgement(client, version):
    judge_many(make_clause(), violating=9, benign=3, detector_version=version)

    said = words_of(client, f"/detectors/{version.pk}/", role="admin")

    assert "told to those who read exact statistics" in said
    assert "0.75" not in said
    assert "By flagged category" not in said
    assert "0.75" not in words_of(client, "/detectors/", role="admin")


def test_a_restricted_category_is_not_broken_out(client, version):
    restricted, clause = make_restricted_clause(), make_clause()
    Mapping.objects.create(clause=restricted.clause, taxonomy="t", taxonomy_version="1", category="closed")
    judge_many(clause, violating=2, benign=0, detector_version=version, flagged=["closed", "spam"])
    judge(make_routed(detector_version=version).generation.item, "violating", clause=restricted)

    said = words_of(client, f"/detectors/{version.pk}/")

    assert "closed 2" not in said
    assert "spam 2" in said
    assert "Restricted 1" in said


def test_thresholds_show_what_changed(client, version):
    for days, thresholds in enumerate([{"a": 0.5, "b": 0.9}, {"a": 0.7, "b": 0.9}]):
        seen = {"first_at": NOW.replace(day=3 + days), "last_at": NOW.replace(day=3 + days), "alerts": 3}
        ThresholdSet.objects.create(detector_version=version, digest=bytes([days]), thresholds=thresholds, **seen)

    said = words_of(client, f"/detectors/{version.pk}/")

    assert re.search(r"4 November 2026, 00:00 UTC|4 November 2026, 09:00 UTC", said)
    assert "sent last a 0.7 changed , b 0.9" in said
    assert said.count("changed") == 1


def test_a_lead_mutes_a_detector_and_lifts_it_again(client, version):
    client.force_login(make_user(role="lead"))
    form = {"effect": "mute", "versions": "this", "days": "7", "reason": "Fires on tea."}

    answer = client.post(f"/detectors/{version.pk}/damp/", form)
    damping = Damping.objects.get()
    page = client.get(answer["Location"]).content.decode()

    assert (damping.detector_version, damping.steps) == (version, None)
    assert "Fires on tea." in page
    assert "Muted" in client.get("/detectors/").content.decode()
    client.post(f"/detectors/damping/{damping.pk}/lift/")
    assert "lifted by" in client.get(f"/detectors/{version.pk}/").content.decode()


def test_every_version_of_a_detector_is_lowered_by_name(client, version):
    other = DetectorVersion.objects.create(name="filter", version="8")
    client.force_login(make_user(role="lead"))
    form = {"effect": "lower", "steps": "2", "versions": "every", "days": "7", "reason": "Fires on tea."}

    client.post(f"/detectors/{version.pk}/damp/", form)

    assert Damping.objects.get().detector == "filter"
    assert "Priority lowered by 2" in words_of(client, f"/detectors/{other.pk}/")


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "Choose whether to mute or to lower."),
        ({"effect": "lower", "steps": ""}, "Say by how many steps."),
        ({"effect": "mute", "days": "91"}, "less than or equal to 90"),
        ({"effect": "mute", "days": "-1"}, "greater than or equal to 1"),
        ({"effect": "mute", "reason": " "}, "This field is required."),
        ({"effect": "burn"}, "Select a valid choice"),
    ],
)
def test_a_wrong_form_comes_back_with_what_was_typed(client, form, sentence):
    source = make_source()
    client.force_login(make_user(role="lead"))

    answer = client.post(f"/detectors/of-source/{source.pk}/damp/", {"days": "7", "reason": "Floods.", **form})

    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert sentence in page
    assert form.get("reason", "Floods.").strip() in page
    assert not Damping.objects.exists()


def test_who_damps_a_source_or_lifts_that_comes_back_to_its_page(client):
    source = make_source()
    client.force_login(make_user(role="lead"))

    form = {"effect": "mute", "days": "7", "reason": "Floods."}
    damped = client.post(f"/detectors/of-source/{source.pk}/damp/", form)
    lifted = client.post(f"/detectors/damping/{Damping.objects.get().pk}/lift/")

    assert (damped["Location"], lifted["Location"]) == (f"/settings/sources/{source.pk}/",) * 2


def test_muting_twice_is_a_refusal(client):
    source = make_source()
    make_damping(source=source)
    client.force_login(make_user(role="lead"))

    answer = client.post(
        f"/detectors/of-source/{source.pk}/damp/", {"effect": "mute", "days": "7", "reason": "Floods."}
    )

    assert answer.status_code == 409
    assert "Lift that first." in answer.content.decode()


def test_who_may_not_damp_sees_no_form(client, version):
    assert "Mute or lower it for a while" not in words_of(client, f"/detectors/{version.pk}/", role="analyst")


def test_the_page_of_a_source_fetches_its_panel_and_links_it(client):
    alert = make_alert()
    page = words_of(client, f"/settings/sources/{alert.source_id}/")
    assert "Volume, precision, mute" in page

    fragment = client.get(f"/detectors/of-source/{alert.source_id}/", headers={"HX-Request": "true"}).content.decode()

    assert fragment.lstrip().startswith('<div class="stack loose" id="quality-panel">')
    assert "<h1" not in fragment


def test_the_page_says_when_accuracy_moves_no_priority(client, version):
    judge_many(make_clause(), violating=1, benign=0, detector_version=version)
    assert "not moved before 20 judgements" in words_of(client, f"/detectors/{version.pk}/")

    with override_settings(PRIORITY_BY_ACCURACY=False):
        assert "not moved by accuracy here" in words_of(client, f"/detectors/{version.pk}/")


def test_names_from_outside_are_shown_boxed(client):
    version = DetectorVersion.objects.create(name="<b>fil\u200bter", version="\u202e1")

    client.force_login(make_user(role="lead"))
    page = client.get(f"/detectors/{version.pk}/").content.decode()

    assert "<b>fil" not in page
    assert page.count('class="unseen"') >= 2


def test_categories_are_told_mapped_or_not_and_restricted_ones_not_at_all(client):
    source = make_source()
    for name, clause in (("spam", make_clause()), ("closed", make_restricted_clause()), ("new", None)):
        category = Category.objects.create(
            taxonomy="t", taxonomy_version="1", name=name, alerts=5, first_at=NOW, last_at=NOW
        )
        CategoryOfSource.objects.create(category=category, source=source, alerts=5)
        if clause:
            Mapping.objects.create(clause=clause.clause, taxonomy="t", taxonomy_version="1", category=name)

    everything = words_of(client, "/policies/categories/")
    unmapped = words_of(client, "/policies/categories/?state=unmapped&taxonomy=t", role="policy_editor")

    assert "spam t 1 mapped 5" in everything
    assert "new t 1 no clause is mapped to it 5" in everything
    assert source.slug in everything
    assert "closed" not in everything
    assert "spam t 1" not in unmapped
    assert "new t 1" in unmapped


def test_who_may_read_sources_gets_from_a_category_to_who_sends_it(client):
    source = make_source()
    category = Category.objects.create(taxonomy="t", name="spam", alerts=5, first_at=NOW, last_at=NOW)
    CategoryOfSource.objects.create(category=category, source=source, alerts=5)
    pages = {}
    for role in ("lead", "policy_editor"):
        client.force_login(make_user(role=role))
        pages[role] = client.get("/policies/categories/").content.decode()

    link, whole_row = f'<a href="/settings/sources/{source.pk}/">', f'tabindex="-1" id="category-{category.pk}"'
    assert (link in pages["lead"], whole_row in pages["lead"]) == (True, False)
    assert (link in pages["policy_editor"], whole_row in pages["policy_editor"]) == (False, True)


def test_who_reads_no_exact_statistics_is_told_no_count_of_a_category(client):
    for name, alerts in (("tea", 4_711), ("kettle", 4_712)):
        Category.objects.create(name=name, alerts=alerts, first_at=NOW, last_at=NOW)

    assert "4,711" in words_of(client, "/policies/categories/", role="lead")
    said = words_of(client, "/policies/categories/", role="policy_editor")
    assert said.index("kettle") < said.index("tea none named")
    assert "4,711" not in said
    assert "told to those who read exact statistics" in said


def test_a_version_without_mappings_hides_what_any_version_restricts(client):
    restricted, clause = make_restricted_clause(), make_clause()
    for version, name, mapped in (("1", "closed", restricted), ("2", "spam", clause)):
        Mapping.objects.create(clause=mapped.clause, taxonomy="t", taxonomy_version=version, category=name)
    for version in ("2", "3"):
        values = {"alerts": 5, "first_at": NOW, "last_at": NOW}
        Category.objects.create(taxonomy="t", taxonomy_version=version, name="closed", **values)
        Category.objects.create(taxonomy="t", taxonomy_version=version, name="new", **values)

    said = words_of(client, "/policies/categories/", role="policy_editor")

    assert "closed t 3" not in said
    assert "closed t 2" in said  # known not to stand for it
    assert "new t 3" in said


def test_our_own_clauses_and_restricted_names_without_a_taxonomy_are_no_outside_categories(client):
    restricted, clause = make_restricted_clause(), make_clause()
    Mapping.objects.create(clause=restricted.clause, taxonomy="t", taxonomy_version="1", category="closed/minor")
    own = [restricted.clause.key, restricted.version.policy.key, clause.clause.key, "Closed/Minor", "Child_Safety"]
    for name in (*own, "a word of theirs"):
        Category.objects.create(name=name, alerts=5, first_at=NOW, last_at=NOW)
    Category.objects.create(
        taxonomy="x", taxonomy_version="1", name=restricted.clause.key, alerts=5, first_at=NOW, last_at=NOW
    )

    said = words_of(client, "/policies/categories/", role="policy_editor")

    assert "a word of theirs" in said
    for name in own:
        assert name not in said


def test_policy_staff_find_the_categories_and_reviewers_do_not(client):
    assert "Outside categories" in words_of(client, "/policies/", role="policy_editor")
    assert "Outside categories" not in words_of(client, "/policies/", role="reviewer")


def test_the_page_of_a_detector_tells_how_it_was_wrong_while_the_decision_stands(client):
    reviewer = make_user()
    alert = make_alert()
    item = Item.objects.create(generation=alert.generation, created_at=NOW)
    held = make_round(item=item, lease_by=reviewer)

    wrong = Wrong(alert.pk, "nothing_here")
    decision = review.decide(held, fence=held.fence, verdict="benign", wrong=wrong, by=reviewer)
    told = words_of(client, f"/detectors/{alert.detector_version_id}/")
    review.undo(decision, by=reviewer)

    assert "Nothing of the kind is there 1" in told
    assert "Nothing of the kind is there" not in words_of(client, f"/detectors/{alert.detector_version_id}/")
    assert "Wrong reports" not in words_of(client, f"/detectors/{alert.detector_version_id}/", role="admin")


def test_the_week_is_of_the_last_seven_days(client, version):
    for days, alerts in ((0, 4), (7, 30), (8, 500)):
        values = {"kind": "detector", "is_flagged": True, "lateness": 2, "alerts": alerts}
        day = timezone.now().date() - timedelta(days=days)
        ArrivalCount.objects.create(detector_version=version, source=make_source(), day=day, **values)

    assert "Alerts, 7 days 34 all counted; 534 so far" in words_of(client, f"/detectors/{version.pk}/")

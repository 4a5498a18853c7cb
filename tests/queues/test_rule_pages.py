"""The editor of the routing rules: the draft, its trial, saving, and every version."""

import re

import pytest
from django.urls import reverse

from incidents.intake.models import Restriction
from incidents.queues import operations, queries, trials
from incidents.queues.matching import Rule, read_rules
from incidents.queues.models import RuleDraft, RuleSet
from tests.factories import NOW, make_alert, make_queue, make_rule, make_user

pytestmark = pytest.mark.django_db

SPAM = {"field": "alert.flagged", "operator": "contains_any", "value": ["spam"]}
FORM = {
    "name": "Spam",
    "match": "all",
    "queue": "",
    "priority": "2",
    "due_minutes": "30",
    "tags": "wave-3 seen",
    "close": "",
    "audited": "1",
    "keep_every": "1",
    "is_active": "on",
    "rows": "2",
    "c0-field": "alert.scores",
    "c0-score": "spam",
    "c0-operator": "at_least",
    "c0-value": "0.5",
    "c1-field": "alert.flagged",
    "c1-operator": "contains_any",
    "c1-value": "spam\nads\n",
}


@pytest.fixture
def lead(client):
    lead = make_user(role="lead")
    client.force_login(lead)
    return lead


def drafted(person) -> list[Rule]:
    return read_rules(RuleDraft.objects.get(person=person).rules)


def test_a_rule_is_added_tried_and_saved(client, lead):
    queue = make_queue()

    client.post("/queues/rules/draft/add/", FORM | {"queue": queue.slug})
    saved = client.post("/queues/rules/draft/publish/", {"reason": "A wave.", "based_on": "0", "draft": edition()})

    rule = read_rules(queries.rules_in_force().rules)[0]
    assert saved.status_code == 302
    assert (rule.queue, rule.priority, rule.due_minutes, rule.tags) == (queue.slug, 2, 30, ("wave-3", "seen"))
    assert rule.conditions == (
        {"field": "alert.scores.spam", "operator": "at_least", "value": 0.5},
        {"field": "alert.flagged", "operator": "contains_any", "value": ["spam", "ads"]},
    )
    assert not RuleDraft.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "This field is required"),
        ({"c0-value": "high"}, "takes a number"),
        ({"c0-value": "nan"}, "takes a number"),
        ({"c0-score": ""}, "Name the category"),
        ({"c1-operator": "is"}, "cannot be compared"),
        ({"c1-field": "alert.colour"}, "not one of the available choices"),
        ({"queue": "no-such"}, "not one of the available choices"),
        ({"priority": "9" * 30}, "less than or equal to 100"),
        ({"tags": "Ärger"}, "small letters"),
        ({"audited": "nan"}, "Enter a number"),
        ({"close": "benign", "keep_every": "3"}, "leave this at 1"),
    ],
)
def test_an_error_stands_beside_its_field_and_nothing_typed_is_lost(client, lead, changes, sentence):
    answer = client.post("/queues/rules/draft/add/", FORM | changes)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert "wave-3 seen" in answer.content.decode() or "tags" in changes
    assert not RuleDraft.objects.exists()


@pytest.mark.parametrize("rows", ["", "-1", "999", "9" * 60, "x"])
def test_any_number_of_rows_is_bounded(client, lead, rows):
    answer = client.post("/queues/rules/draft/add/", FORM | {"rows": rows, "more": "1"})

    assert answer.status_code == 200
    assert 2 <= answer.content.decode().count('-operator"') <= 100


def test_rules_are_moved_and_deleted_in_the_draft_alone(client, lead):
    for name in "abc":
        make_rule(make_queue(), key=name, name=name)

    client.post("/queues/rules/draft/rules/c/move/", {"to": "up"})
    client.post("/queues/rules/draft/rules/a/move/", {"to": "down", "draft": edition()})
    client.post("/queues/rules/draft/rules/b/delete/", {"draft": edition()})

    assert [rule.key for rule in drafted(lead)] == ["c", "a"]
    assert [rule.key for rule in read_rules(queries.rules_in_force().rules)] == ["a", "b", "c"]


def test_who_started_from_an_older_version_sees_both_and_may_save_over_it(client, lead):
    queue = make_queue()
    make_rule(queue, key="a")
    client.post("/queues/rules/draft/add/", FORM)
    make_rule(queue, key="theirs", name="Theirs")

    form = {"reason": "Because of a wave.", "based_on": "1", "draft": edition()}
    refused = client.post("/queues/rules/draft/publish/", form)

    page = refused.content.decode()
    assert refused.status_code == 409
    assert "Someone saved version 2 meanwhile" in page
    assert "Because of a wave." in page
    assert "Theirs" in page
    assert len(drafted(lead)) == 2


def test_an_earlier_version_is_compared_and_made_current_again(client, lead):
    queue = make_queue()
    make_rule(queue, key="a", name="Old one")
    make_rule(queue, key="b", name="New one")

    shown = client.get("/queues/rules/versions/2/").content.decode()
    client.post("/queues/rules/versions/1/restore/", {"reason": "Too much.", "based_on": "2"})

    assert "New one" in shown.split("All its rules")[0]
    assert "Old one" not in shown.split("All its rules")[0]
    assert RuleSet.objects.get(number=3).restores == 1


def test_a_trial_counts_by_queue_and_writes_nothing(client, lead):
    make_queue(is_default=True, name="General")
    target = make_queue(name="Waves")
    for _alert in range(3):
        make_alert()
    restricted = make_alert()
    Restriction.objects.create(generation=restricted.generation, category="child_safety", created_at=NOW)
    operations.write_draft([Rule("a", "Waves", target.slug, (SPAM,))], based_on=0, seen=None, by=lead)

    trial = client.get("/queues/rules/draft/try/?last=100").context["trial"]

    assert (trial.tried, trial.moved) == (3, 3)
    assert [(line.place, line.now, line.then) for line in trial.by_queue] == [("General", 3, 0), ("Waves", 0, 3)]
    assert restricted.pk not in [example.alert_id for example in trial.examples]
    assert not RuleSet.objects.exists()


def test_a_trial_says_what_would_be_closed_and_shows_no_content():
    make_alert()

    trial = trials.try_rules([Rule("a", "Noise", close="benign")], [], last=10)

    assert [(line.place, line.now, line.then) for line in trial.closed] == [("Benign, by a rule", 0, 1)]
    assert "tea" not in str(trial.examples)


@pytest.mark.parametrize("last", ["0", "-1", "10001", "9" * 40, "x", ""])
def test_a_trial_of_another_number_of_alerts_is_refused(client, lead, last):
    assert client.get("/queues/rules/draft/try/", {"last": last}).status_code == 422


@pytest.mark.parametrize("name", ["rules", "rule_draft", "rule_versions"])
def test_a_page_takes_the_same_number_of_queries_with_two_rules_and_with_sixty(
    client, lead, name, django_assert_max_num_queries
):
    counts = []
    queue = make_queue()
    for wanted in (2, 60):
        while RuleSet.objects.count() < wanted:
            make_rule(queue, SPAM)
        client.get(reverse(f"queues:{name}"))
        with django_assert_max_num_queries(15) as asked:
            client.get(reverse(f"queues:{name}"))
        counts.append(len(asked))

    assert counts[0] == counts[1]


# ── Two tabs of one draft ────────────────────────────────


def edition() -> str:
    """Return what a page that is loaded now would send along."""
    return str(RuleDraft.objects.get().edition)


def test_a_second_tab_is_told_and_keeps_what_was_typed_there(client, lead):
    client.post("/queues/rules/draft/add/", FORM | {"name": "From the first tab"})

    told = client.post("/queues/rules/draft/add/", FORM | {"name": "From the second tab"})
    page = told.content.decode()
    again = client.post("/queues/rules/draft/add/", FORM | {"name": "From the second tab", "draft": edition()})

    assert told.status_code == 409
    assert "You changed this draft in another tab just now." in page
    assert 'value="From the second tab"' in page
    assert f'name="draft" value="{edition_in(page)}"' in page
    assert again.status_code == 302
    assert [rule["name"] for rule in RuleDraft.objects.get().rules] == ["From the first tab", "From the second tab"]


def edition_in(page: str) -> str:
    return re.findall(r'name="draft" value="([0-9a-f-]{36})"', page)[0]


def test_a_form_that_is_sent_back_still_knows_which_draft_it_was_made_for(client, lead):
    client.post("/queues/rules/draft/add/", FORM)
    old = edition()
    client.post("/queues/rules/draft/add/", FORM | {"draft": old})

    wrong = client.post("/queues/rules/draft/add/", FORM | {"name": "", "draft": old})

    assert wrong.status_code == 422
    assert edition_in(wrong.content.decode()) == old


def test_moving_deleting_and_discarding_an_older_state_change_nothing(client, lead):
    make_rule(make_queue(), key="a")
    client.post("/queues/rules/draft/add/", FORM)
    old = {"draft": edition()}
    client.post("/queues/rules/draft/add/", FORM | old)
    before = RuleDraft.objects.get()

    for address in ("rules/a/move/", "rules/a/delete/", "discard/"):
        answer = client.post(f"/queues/rules/draft/{address}", old)
        assert answer.status_code == 409
        assert "in another tab just now" in answer.content.decode()

    after = RuleDraft.objects.get()
    assert (after.rules, after.edition) == (before.rules, before.edition)


def test_what_was_changed_in_another_tab_is_not_put_in_force_unseen(client, lead):
    client.post("/queues/rules/draft/add/", FORM)
    form = {"reason": "A wave.", "based_on": "0", "draft": edition()}
    client.post("/queues/rules/draft/add/", FORM | {"name": "Unseen", "draft": edition()})

    told = client.post("/queues/rules/draft/publish/", form)

    assert told.status_code == 409
    assert "in another tab just now" in told.content.decode()
    assert "A wave." in told.content.decode()
    assert not RuleSet.objects.exists()


def test_a_rule_that_another_tab_deleted_is_not_lost_while_it_is_edited(client, lead):
    make_rule(make_queue(), key="a")
    client.post("/queues/rules/draft/rules/a/delete/")

    told = client.post("/queues/rules/draft/rules/a/", FORM | {"name": "Still wanted"})
    again = client.post("/queues/rules/draft/rules/a/", FORM | {"name": "Still wanted", "draft": edition()})

    assert (told.status_code, again.status_code) == (409, 302)
    assert 'value="Still wanted"' in told.content.decode()
    assert [rule["name"] for rule in RuleDraft.objects.get().rules] == ["Still wanted"]


def test_a_draft_that_was_discarded_in_another_tab_is_not_begun_anew_unasked(client, lead):
    client.post("/queues/rules/draft/add/", FORM)
    old = {"draft": edition()}
    client.post("/queues/rules/draft/discard/", old)

    told = client.post("/queues/rules/draft/add/", FORM | old)

    assert told.status_code == 409
    assert "You saved or discarded this draft in another tab." in told.content.decode()
    assert not RuleDraft.objects.exists()

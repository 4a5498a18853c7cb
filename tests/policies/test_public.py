"""The guidelines for everyone: published public wording, no word more, no cookie; nothing at all unless opened."""

import pytest

from policies import operations
from policies.models import PolicyVersion
from tests.factories import make_clause, make_policy, make_policy_version, make_user, publish
from tests.policies import hostile

pytestmark = pytest.mark.django_db

INTERNAL = {
    "definition": "INTERNAL definition",
    "violates": [{"text": "INTERNAL case", "reason": "INTERNAL reason"}],
    "does_not_violate": [{"text": "INTERNAL other case", "reason": "INTERNAL other reason"}],
    "ladder": [f"INTERNAL S{level}" for level in range(5)],
    "unmapped_reason": "INTERNAL unmapped",
}


@pytest.fixture
def spam() -> PolicyVersion:
    """Version 1, retired by version 2 with other public words, and a draft of version 3."""
    editor = make_user(role="policy_editor", name="INTERNAL editor")
    first = make_policy_version(
        policy=make_policy(key="spam"),
        status="draft",
        published_at=None,
        title="Spam",
        summary="What *nobody* asked for.",
        change_note="INTERNAL first note",
    )
    tea = make_clause(version=first, key="spam.tea", title="Tea", public_text="Do not praise tea.", **INTERNAL)
    make_clause(version=first, key="spam.ode", title="Odes", public_text="Do not write odes.", **INTERNAL)
    publish(first)
    words = operations.Wording(title="Tea", definition="INTERNAL new definition", public_text="Do not praise any tea.")
    second = operations.draft_clause(tea.clause, wording=words, change_note="INTERNAL second note", by=editor)
    operations.submit_for_review(second, by=editor)
    approver = make_user(role="policy_approver", name="INTERNAL approver")
    operations.publish_version(second, reason="INTERNAL reason", by=approver)
    words = operations.Wording(title="INTERNAL title", definition="INTERNAL", public_text="INTERNAL draft")
    operations.draft_clause(tea.clause, wording=words, change_note="INTERNAL third note", by=editor)
    make_policy_version(policy=make_policy(key="coming"), status="draft", published_at=None, title="INTERNAL coming")
    return first


ADDRESSES = ["/guidelines/", "/guidelines/spam/", "/guidelines/spam/versions/1/", "/guidelines/spam/versions/2/"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_everyone_reads_public_words_and_nothing_else(client, spam, address):
    answer = client.get(address)

    assert answer.status_code == 200
    assert "Spam" in answer.text
    assert "What <em>nobody</em> asked for." in answer.text
    assert "INTERNAL" not in answer.text
    assert "spam.tea" not in answer.text
    assert not answer.cookies
    assert "<script" not in answer.text
    assert "<form" not in answer.text


@pytest.mark.parametrize("address", [*ADDRESSES, "/guidelines/coming/", "/guidelines/none/"])
def test_where_it_is_not_opened_there_is_nothing(client, spam, settings, address):
    settings.PUBLIC_GUIDELINES = False

    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404


@pytest.mark.parametrize("path", ["coming/", "coming/versions/1/", "spam/versions/3/", "spam/versions/9/", "none/"])
@pytest.mark.parametrize("is_editor", [False, True])
def test_what_was_never_published_is_not_there_for_anybody(client, spam, path, is_editor):
    if is_editor:
        client.force_login(make_user(role="policy_editor"))

    assert client.get(f"/guidelines/{path}").status_code == 404


def test_what_changed_is_told_in_public_words(client, spam):
    text = client.get("/guidelines/spam/").text

    assert "What changed since version 1" in text
    assert '<ins><span class="visually-hidden">(added:) </span>any </ins>' in text
    assert text.count("Odes") == 1, "its words did not change, so that it stands among the clauses alone"
    assert 'href="/guidelines/spam/versions/1/"' in text
    assert "What changed" not in client.get("/guidelines/spam/versions/1/").text


def test_a_change_of_internal_words_alone_shows_none(client, spam):
    editor = make_user(role="policy_editor")
    policy = make_policy(key="tea")
    first = make_policy_version(policy=policy, status="draft", published_at=None)
    text = make_clause(version=first, key="tea.one", public_text="Same.", **INTERNAL)
    publish(first)
    words = operations.Wording(title=text.title, definition="INTERNAL other", public_text="Same.", usual_severity=4)
    second = operations.draft_clause(text.clause, wording=words, change_note="Why.", by=editor)
    operations.submit_for_review(second, by=editor)
    operations.publish_version(second, reason="Why.", by=make_user(role="policy_approver"))

    shown = client.get("/guidelines/tea/").text

    assert "Nothing in its public wording." in shown
    assert "Severity" not in shown


def test_a_policy_that_is_retired_says_so_and_leaves_the_list(client, spam):
    alone = make_clause(key="old.one").version
    PolicyVersion.objects.filter(pk=alone.pk).update(status="retired", retired_at=alone.published_at)

    assert "not in force any more" in client.get(f"/guidelines/{alone.policy.key}/").text
    assert f"/guidelines/{alone.policy.key}/" not in client.get("/guidelines/").text


def test_hostile_public_words_do_nothing(client):
    version = make_policy_version(
        policy=make_policy(key="odd"),
        status="draft",
        published_at=None,
        title=hostile.SHORT[0],
        summary="\n\n".join(hostile.SHORT),
    )
    for number, text in enumerate(hostile.LONG):
        title = hostile.SHORT[number % len(hostile.SHORT)]
        make_clause(version=version, key=f"odd.rule_{number}", title=title, public_text=text)
    publish(version)

    for address in ("/guidelines/", "/guidelines/odd/"):
        assert hostile.faults(client.get(address).text) == []


@pytest.mark.parametrize("count", [2, 60])
def test_cost_does_not_follow_the_number_of_policies_and_clauses(client, django_assert_num_queries, count):
    version = make_policy_version(policy=make_policy(key="large"), status="draft", published_at=None)
    for number in range(count):
        make_clause(version=version, key=f"large.rule_{number}")
        make_clause()
    publish(version)

    with django_assert_num_queries(1):
        page = client.get("/guidelines/")
    with django_assert_num_queries(4):
        client.get("/guidelines/large/")

    assert ("More guidelines" in page.text) == (count == 60)
    if count == 60:
        older = page.context["page"].older
        assert client.get(f"/guidelines/?cursor={older}").status_code == 200

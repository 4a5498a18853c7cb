"""The reading pages: who gets in, what stands there, and that their cost does not follow the number of rows."""

import pytest
from django.urls import reverse

from policies import operations, pack
from policies.models import PolicyGap, PolicyVersion
from tests.factories import NOW, make_clause, make_policy, make_policy_version, make_user, publish
from trust.permissions import Role

pytestmark = pytest.mark.django_db

WORDING = operations.Wording(title="New title", definition="New definition.", public_text="New public words.")


def make_published(clauses: int) -> PolicyVersion:
    version = make_policy_version(status="draft", published_at=None, title="Spam", policy=make_policy(key="spam"))
    for number in range(clauses):
        make_clause(
            version=version,
            key=f"spam.rule_{number}",
            violates=[{"text": "An example.", "reason": "Why."}],
        )
    return publish(version)


def make_second_version(text) -> PolicyVersion:
    author = make_user(role="policy_editor")
    version = operations.draft_clause(text.clause, wording=WORDING, change_note="Unclear.", by=author)
    operations.submit_for_review(version, by=author)
    return operations.publish_version(version, reason="Clearer.", by=make_user(role="policy_approver"))


def reading_urls(text) -> list[str]:
    return [
        reverse("policies:list"),
        reverse("policies:gaps"),
        text.version.policy.get_absolute_url(),
        text.version.get_absolute_url(),
        reverse("policies:history", args=[text.version.policy.key]),
        text.clause.get_absolute_url(),
        text.get_absolute_url(),
    ]


@pytest.mark.parametrize("role", Role.values)
def test_every_role_reads_policies(client, role):
    client.force_login(make_user(role=role))

    for url in reading_urls(make_clause()):
        assert client.get(url).status_code == 200, url


def test_nobody_reads_without_signing_in(client):
    for url in reading_urls(make_clause()):
        response = client.get(url)

        assert response.status_code == 302
        assert response.url.startswith("/accounts/login/")


def test_a_person_without_a_role_is_not_let_in(client):
    text = make_clause()
    client.force_login(make_user(roles=[]))

    for url in reading_urls(text):
        assert client.get(url).status_code == 403


def test_the_list_shows_the_default_pack(client):
    operations.install_pack(pack.load())
    client.force_login(make_user())

    page = client.get(reverse("policies:list")).text

    assert "Influence operations" in page
    assert "Restricted content" in page
    assert page.count("<tr data-row") == 15


def test_a_clause_shows_words_examples_ladder_and_outside_names(client):
    operations.install_pack(pack.load())
    client.force_login(make_user())

    page = client.get("/policies/clauses/platform.automated_judgement/").text

    assert "no human who can correct it" in " ".join(page.split())
    assert "A shop lets the model pick the song of the day." in page
    assert "Feature block" in page
    assert "none has a category" in " ".join(page.split())
    assert "/policies/clauses/platform.automated_judgement/versions/1/" in page


def test_the_old_words_keep_their_address_and_say_that_they_are_old(client):
    text = make_clause(key="spam.tea", definition="Old definition.")
    make_second_version(text)
    client.force_login(make_user())

    old = client.get("/policies/clauses/spam.tea/versions/1/").text
    new = client.get("/policies/clauses/spam.tea/").text

    assert "Old definition." in old
    assert "You are reading version 1, which is retired." in old
    assert "Version 2 is in force." in old
    assert "New definition." in new
    assert "You are reading" not in new


def test_a_policy_at_a_version_keeps_its_address_too(client):
    text = make_clause(definition="Old definition.")
    make_second_version(text)
    client.force_login(make_user())

    assert "Old definition." in client.get(text.version.get_absolute_url()).text
    assert "New definition." in client.get(text.version.policy.get_absolute_url()).text


@pytest.mark.parametrize(("role", "status"), [("reviewer", 404), ("policy_editor", 200), ("policy_approver", 200)])
def test_what_is_not_published_is_seen_by_those_who_write_and_approve(client, role, status):
    text = make_clause(key="spam.tea")
    version = operations.draft_clause(text.clause, wording=WORDING, change_note="", by=make_user(role="policy_editor"))
    client.force_login(make_user(role=role))

    assert client.get(version.get_absolute_url()).status_code == status
    assert client.get("/policies/clauses/spam.tea/versions/2/").status_code == status
    assert client.get(reverse("policies:review", args=[version.policy.key, 2])).status_code == status
    assert "New definition." not in client.get("/policies/clauses/spam.tea/").text
    assert ("Version 2" in client.get(reverse("policies:list")).text) == (status == 200)


@pytest.mark.parametrize(
    "path",
    [
        "/policies/nothing/",
        "/policies/clauses/nothing.here/",
        "/policies/clauses/spam%00tea/",
        f"/policies/nothing/versions/{10**40}/",
        f"/policies/nothing/versions/{'9' * 5000}/",
        f"/policies/clauses/spam.tea/versions/{2**63}/",
        "/policies/clauses/spam.tea/versions/-1/",
    ],
)
def test_an_address_that_leads_nowhere_is_not_found(client, path):
    make_clause(key="spam.tea")
    client.force_login(make_user())

    assert client.get(path).status_code == 404


@pytest.mark.parametrize("name", ["list", "gaps"])
def test_a_cursor_that_was_not_made_here_is_a_bad_request(client, name):
    client.force_login(make_user())

    assert client.get(reverse(f"policies:{name}"), {"cursor": "zzz"}).status_code == 400


def test_a_gap_shows_its_clock_and_its_hostile_title_harmlessly(client):
    with_tricks = "<script>alert(1)</script>‮"
    operations.join_gap(with_tricks, by=None)
    client.force_login(make_user())

    page = client.get(reverse("policies:gaps")).text

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;" in page
    assert "‮" not in page
    assert "1 item" in page


def test_gaps_are_paged(client):
    PolicyGap.objects.bulk_create(
        PolicyGap(title=f"gap {number}", opened_at=NOW, last_seen_at=NOW) for number in range(60)
    )
    client.force_login(make_user())

    first = client.get(reverse("policies:gaps"))
    second = client.get(reverse("policies:gaps"), {"cursor": first.context["page"].older})

    assert len(first.context["page"]) == 50
    assert [gap.title for gap in second.context["page"]] == [f"gap {number}" for number in range(9, -1, -1)]


@pytest.mark.parametrize("rows", [2, 60])
def test_the_list_costs_the_same_with_many_policies(client, rows, django_assert_num_queries):
    for number in range(rows):
        make_clause(version=make_policy_version(status="draft", published_at=None, title=f"Policy {number}"))
    for version in PolicyVersion.objects.all():
        publish(version)
    client.force_login(make_user(role="policy_editor"))

    with django_assert_num_queries(4):
        client.get(reverse("policies:list"))


@pytest.mark.parametrize("rows", [2, 60])
def test_a_policy_costs_the_same_with_many_clauses(client, rows, django_assert_num_queries):
    version = make_published(rows)
    client.force_login(make_user())

    with django_assert_num_queries(6):
        response = client.get(version.policy.get_absolute_url())

    assert response.text.count("<article") == rows


@pytest.mark.parametrize("rows", [2, 60])
def test_a_clause_costs_the_same_with_many_versions(client, rows, django_assert_num_queries):
    text = make_clause(key="spam.tea")
    for number in range(2, rows + 1):
        later = make_policy_version(policy=text.version.policy, number=number, status="draft", published_at=None)
        make_clause(version=later, clause=text.clause)
        PolicyVersion.objects.filter(pk=later.pk).update(status="retired", published_at=NOW, retired_at=NOW)
    client.force_login(make_user())

    with django_assert_num_queries(6):
        client.get("/policies/clauses/spam.tea/")


@pytest.mark.parametrize("rows", [2, 60])
def test_the_history_costs_the_same_with_many_versions(client, rows, django_assert_num_queries):
    policy = make_policy(key="spam")
    author, approver = make_user(role="policy_editor"), make_user(role="policy_approver")
    for number in range(1, rows + 1):
        make_policy_version(
            policy=policy, number=number, status="retired", retired_at=NOW, created_by=author, approved_by=approver
        )
    client.force_login(make_user())

    with django_assert_num_queries(4):
        client.get(reverse("policies:history", args=["spam"]))


@pytest.mark.parametrize("rows", [2, 60])
def test_the_gaps_cost_the_same_with_many(client, rows, django_assert_num_queries):
    text = make_clause()
    PolicyGap.objects.bulk_create(
        PolicyGap(title=f"gap {number}", status="covered", clause=text.clause, opened_at=NOW, last_seen_at=NOW)
        for number in range(rows)
    )
    client.force_login(make_user(role="policy_editor"))

    with django_assert_num_queries(4):
        client.get(reverse("policies:gaps"))

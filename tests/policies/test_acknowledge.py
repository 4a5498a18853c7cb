"""Read and understood: who says it, once for each version; what changed since; who has not, for leads."""

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from policies import operations, readers
from policies.models import Acknowledgement, PolicyVersion
from tests.factories import NOW, make_clause, make_policy_version, make_user, publish
from trust.accounts.models import User
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

WORDING = operations.Wording(title="New title", definition="New definition.", public_text="New public words.")


def make_next(version: PolicyVersion) -> PolicyVersion:
    """Publish one more version of the policy, with other words."""
    author = make_user(role="policy_editor")
    clause = version.clauses.get().clause
    draft = operations.draft_clause(clause, wording=WORDING, change_note=f"Not {version.number}.", by=author)
    operations.submit_for_review(draft, by=author)
    return operations.publish_version(draft, reason="Clearer.", by=make_user(role="policy_approver"))


def came(person: User, at: datetime) -> User:
    """Let a person have come at that moment."""
    User.objects.filter(pk=person.pk).update(created_at=at)
    person.refresh_from_db()
    return person


@pytest.mark.parametrize("role", ["reviewer", "lead"])
def test_a_version_in_force_is_acknowledged_once_however_often_it_is_said(role):
    person, version = make_user(role=role), make_clause().version

    first = operations.acknowledge(version, by=person)
    second = operations.acknowledge(version, by=person)

    assert first == second
    assert [event.kind for event in AuditEvent.objects.about(first)] == ["policy.acknowledged"]


@pytest.mark.parametrize("role", ["policy_editor", "policy_approver", "analyst", "auditor", "admin"])
def test_who_does_not_review_acknowledges_nothing(role):
    with pytest.raises(Refused, match="Only who reviews"):
        operations.acknowledge(make_clause().version, by=make_user(role=role))

    assert not Acknowledgement.objects.exists()


def test_what_is_not_in_force_is_not_acknowledged():
    version = make_clause().version
    make_next(version)
    draft = make_policy_version(status="draft", published_at=None)

    for other in (version, draft):
        with pytest.raises(Refused, match="is not in force"):
            operations.acknowledge(other, by=make_user())


def test_the_database_keeps_acknowledgements_as_they_are():
    person, version = make_user(), make_clause().version
    operations.acknowledge(version, by=person)
    draft = make_policy_version(status="draft", published_at=None)

    with pytest.raises(IntegrityError, match="acknowledgement_once"), transaction.atomic():
        Acknowledgement.objects.create(person=person, version=version, at=NOW)
    with pytest.raises(IntegrityError, match="was never in force"), transaction.atomic():
        Acknowledgement.objects.create(person=person, version=draft, at=NOW)
    for statement in (
        "update policies_acknowledgement set at = now()",
        "delete from policies_acknowledgement",
        "truncate policies_acknowledgement",
    ):
        with pytest.raises(DatabaseError, match=r"append-only|permission denied"), transaction.atomic():
            connection.cursor().execute(statement)

    assert Acknowledgement.objects.count() == 1


def test_what_changed_counts_from_the_version_that_was_last_read(client):
    reviewer, version = came(make_user(), NOW - timedelta(days=1)), make_clause().version
    make_clause()
    assert (len(readers.unread_by(reviewer).changed), len(readers.unread_by(reviewer).never)) == (0, 2)
    operations.acknowledge(version, by=reviewer)
    newest = make_next(make_next(version))
    client.force_login(reviewer)

    page = client.get(version.policy.get_absolute_url()).content.decode()
    home = client.get("/").content.decode()
    listed = client.get("/policies/").content.decode()

    compared = reverse("policies:compare", args=[version.policy.key, 1, newest.number])
    assert f'href="{compared}"' in page
    assert "It changed since you read version 1" in page
    assert "1 policy changed since you last read it." in home
    assert "1 policy you have not read yet." in home
    assert (listed.count("Changed since you read it"), listed.count("Not read yet")) == (1, 1)
    assert "Read and understood" in client.get(compared).content.decode()


def test_what_was_in_force_before_somebody_came_is_to_be_read_once_and_is_no_news(client):
    version = make_clause().version
    make_clause()
    reviewer = came(make_user(), NOW + timedelta(days=1))
    client.force_login(reviewer)

    home, listed = client.get("/").text, client.get("/policies/").text

    assert [len(part) for part in vars(readers.unread_by(reviewer)).values()] == [0, 0, 2]
    assert "2 policies were in force before you came: read them once, when you have time." in home
    assert 'class="notice" data-tone="neutral" id="unread-policies"' in home
    assert (listed.count("To read once"), listed.count("Not read yet")) == (2, 0)

    operations.acknowledge(version, by=reviewer)
    came(reviewer, NOW - timedelta(days=1))
    home = client.get("/").text
    assert "1 policy you have not read yet." in home
    assert 'class="notice" data-tone="warning" id="unread-policies"' in home


def test_the_button_notes_it_and_goes(client):
    reviewer, version = make_user(), make_clause().version
    client.force_login(reviewer)
    address = reverse("policies:acknowledge", args=[version.policy.key, 1])
    assert f'action="{address}"' in client.get(version.policy.get_absolute_url()).content.decode()

    answer = client.post(address, follow=True)

    assert "It is noted that you read and understood version 1." in answer.content.decode()
    assert f'action="{address}"' not in answer.content.decode()
    assert not readers.unread_by(reviewer)
    assert "unread-policies" not in client.get("/").content.decode()


def test_no_button_and_no_notice_for_who_does_not_review(client):
    version = make_clause().version
    client.force_login(make_user(role="policy_editor"))

    assert "Read and understood" not in client.get(version.policy.get_absolute_url()).content.decode()
    assert "unread-policies" not in client.get("/").content.decode()


def test_an_old_page_says_that_its_version_is_not_in_force_any_more(client):
    version = make_clause().version
    make_next(version)
    client.force_login(make_user())

    answer = client.post(reverse("policies:acknowledge", args=[version.policy.key, 1]))

    assert answer.status_code == 409
    assert "Version 1 is not in force; read the one that is." in answer.content.decode()


def test_leads_see_who_has_read_and_who_has_not(client):
    version = make_clause().version
    early, late = make_user(name="Ada Early"), make_user(name="Ben Late")
    make_user(role="analyst", name="Nina Numbers")
    make_user(name="Gone Person", is_active=False)
    operations.acknowledge(version, by=early)
    operations.acknowledge(version, by=late)
    operations.acknowledge(make_next(version), by=early)
    client.force_login(make_user(role="lead", name="Lea Lead"))
    address = reverse("policies:readers", args=[version.policy.key])

    page, narrowed = client.get(address), client.get(address, {"who": "unread"})

    rows = [(one.name, one.read_at is not None, one.last_number) for one in page.context["page"]]
    assert rows == [("Ada Early", True, 2), ("Ben Late", False, 1), ("Lea Lead", False, None)]
    assert "1 of 3 read version 2" in page.content.decode()
    assert [one.name for one in narrowed.context["page"]] == ["Ben Late", "Lea Lead"]


def test_a_policy_of_which_nothing_is_in_force_has_no_readers(client):
    version = make_clause().version
    PolicyVersion.objects.update(status="retired", retired_at=NOW)
    client.force_login(make_user(role="lead"))

    page = client.get(reverse("policies:readers", args=[version.policy.key]))

    assert "There is nothing to read" in page.content.decode()


def test_sixty_readers_cost_as_many_queries_as_two(client):
    version = make_clause().version
    client.force_login(make_user(role="lead"))
    address = reverse("policies:readers", args=[version.policy.key])
    client.get(address)
    counts = []
    for more in (1, 58):
        for _person in range(more):
            operations.acknowledge(version, by=make_user())
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_sixty_policies_to_read_are_found_in_one_query(django_assert_num_queries):
    reviewer = make_user()
    for more in (2, 58):
        for _policy in range(more):
            publish(make_policy_version(status="draft", published_at=None))
        with django_assert_num_queries(1):
            readers.unread_by(reviewer)

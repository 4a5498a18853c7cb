"""What was published cannot be edited, by direct SQL and as the application's own role."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from policies.models import ClauseVersion, PolicyVersion
from tests.factories import NOW, make_clause, make_policy_version, make_user, publish

pytestmark = pytest.mark.django_db

CLAUSE_STATEMENTS = [
    "update policies_clauseversion set definition = 'other words'",
    "update policies_clauseversion set position = 99",
    "delete from policies_clauseversion",
    """
    insert into policies_clauseversion (version_id, clause_id, position, title, definition, public_text, violates,
        does_not_violate, ladder, usual_severity, recommended, is_anticipated, unmapped_reason)
    select version_id, clause_id, 2, 'more', 'more', 'more', '[]', '[]', ladder, 2, '{}', true, ''
    from policies_clauseversion
    """,
]


@pytest.mark.parametrize("statement", CLAUSE_STATEMENTS)
@pytest.mark.parametrize("status", ["in_review", "published", "retired"])
def test_the_clauses_of_a_version_that_is_not_a_draft_stay_as_they_are(statement, status):
    text = make_clause(definition="The words of version 1.", version=make_policy_version(status="draft"))
    if status == "in_review":
        PolicyVersion.objects.filter(pk=text.version_id).update(status=status)
    else:
        publish(text.version)
    if status == "retired":
        PolicyVersion.objects.filter(pk=text.version_id).update(status=status, retired_at=NOW)

    with pytest.raises(IntegrityError, match=f"clauses of a {status} policy version do not change"):
        _run(statement)

    assert ClauseVersion.objects.get().definition == "The words of version 1."


@pytest.mark.parametrize(
    "statement",
    [
        "update policies_policyversion set title = 'Other'",
        "update policies_policyversion set status = 'draft'",
        "update policies_policyversion set status = 'in_review'",
        "update policies_policyversion set status = 'retired', retired_at = now(), number = 7",
        "update policies_policyversion set approved_by_id = null, created_by_id = null",
        "delete from policies_policyversion",
    ],
)
def test_a_published_version_can_only_be_retired(statement):
    author, approver = make_user(role="policy_editor"), make_user(role="policy_approver")
    version = make_policy_version(created_by=author, approved_by=approver)

    with pytest.raises(IntegrityError, match="is published"):
        _run(statement)

    _run("update policies_policyversion set status = 'retired', retired_at = now()")
    version.refresh_from_db()
    assert version.status == "retired"


def test_a_retired_version_never_comes_back():
    make_policy_version(status="retired", retired_at=NOW)

    with pytest.raises(IntegrityError, match="is retired"):
        _run("update policies_policyversion set status = 'published', retired_at = null")


def test_the_application_role_cannot_empty_the_table():
    make_clause()

    with pytest.raises(DatabaseError, match="permission denied"):
        _run("truncate policies_clauseversion cascade")


def test_a_draft_can_be_edited_and_thrown_away():
    text = make_clause(version=make_policy_version(status="draft", published_at=None))

    ClauseVersion.objects.filter(pk=text.pk).update(definition="Better words.")
    text.delete()
    PolicyVersion.objects.all().delete()

    assert not PolicyVersion.objects.exists()


def test_the_author_cannot_be_the_approver_whatever_the_code_does():
    author = make_user(roles=["policy_editor", "policy_approver"])
    version = make_policy_version(status="in_review", created_by=author, published_at=None)

    with pytest.raises(IntegrityError, match="policyversion_by_two_people"), transaction.atomic():
        PolicyVersion.objects.filter(pk=version.pk).update(status="published", published_at=NOW, approved_by=author)


def test_a_persons_version_cannot_be_published_without_an_approver():
    version = make_policy_version(status="in_review", created_by=make_user(role="policy_editor"), published_at=None)

    with pytest.raises(IntegrityError, match="policyversion_published_is_approved"), transaction.atomic():
        PolicyVersion.objects.filter(pk=version.pk).update(status="published", published_at=NOW)


def _run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

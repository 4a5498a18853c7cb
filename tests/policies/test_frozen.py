"""What was published cannot be edited, by direct SQL and as the application's own role."""

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from policies.models import Clause, ClauseRevision, ClauseVersion, Contribution, Policy, PolicyVersion, VersionRevision
from tests.factories import NOW, make_clause, make_policy_version, make_user, publish
from tests.harness import database

pytestmark = pytest.mark.django_db

# The tables that hold what a published version says, who wrote it, and what it is called.
WHOLE = [
    "policies_policyversion",
    "policies_clauseversion",
    "policies_clauserevision",
    "policies_versionrevision",
    "policies_contribution",
    "policies_policy",
    "policies_clause",
]
# Who may see content, and the order of the list, are settings of the policy and no words of a version.
MAY_CHANGE = {"policies_policy": {"position", "restricted_category"}}
# What points at a policy and is no word of it: names of detectors, gaps, what is typed and not saved, who read it.
NO_PART = {
    "policies_mapping",
    "policies_policygap",
    "policies_typing",
    "policies_acknowledgement",
    "policies_retirement",
}
REFUSAL = "is published|do not change|does not change|was published under its name|permission denied"
OTHER = {("policies_policyversion", "status"): "'draft'"}

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


def _columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        return [column.name for column in connection.introspection.get_table_description(cursor, table)]


@pytest.fixture
def whole() -> PolicyVersion:
    """A published version with a row in every table that belongs to one."""
    editor = make_user(role="policy_editor")
    text = make_clause(version=make_policy_version(status="draft", created_by=editor, published_at=None))
    approver = make_user(role="policy_approver")
    Contribution.objects.create(version=text.version, person=editor, at=NOW)
    ClauseRevision.objects.create(text=text, number=1, fields={"title": "Was"}, replaced_by=editor, replaced_at=NOW)
    VersionRevision.objects.create(
        version=text.version, number=1, fields={"title": "Was"}, replaced_by=editor, replaced_at=NOW
    )
    PolicyVersion.objects.update(approved_by=approver, status="published", published_at=NOW)
    return text.version


@pytest.mark.parametrize("table", WHOLE)
def test_no_row_of_a_published_version_is_changed_or_goes(table, whole):
    before = _rows(table)
    assert before

    for column in _columns(table):
        if column in MAY_CHANGE.get(table, ()):
            continue
        with pytest.raises(DatabaseError, match=REFUSAL):
            _run(f"update {table} set {column} = {OTHER.get((table, column)) or _other(table, column)}")
    for statement in (f"delete from {table}", f"truncate {table} cascade"):
        with pytest.raises(DatabaseError, match=REFUSAL):
            _run(statement)

    assert _rows(table) == before


@pytest.mark.parametrize(
    "table",
    ["policies_clauseversion", "policies_contribution", "policies_clauserevision", "policies_versionrevision"],
)
def test_nothing_is_added_to_a_published_version(table, whole):
    columns = [column for column in _columns(table) if column != "id"]

    with pytest.raises(IntegrityError, match=REFUSAL):
        _run(f"insert into {table} ({', '.join(columns)}) select {', '.join(columns)} from {table}")

    assert len(_rows(table)) == 1


def test_every_table_that_points_at_a_version_or_its_clauses_is_tried_or_is_none_of_its_text():
    pointing = {
        one.related_model._meta.db_table
        for model in (Policy, Clause, PolicyVersion, ClauseVersion)
        for one in model._meta.get_fields(include_hidden=True)
        if one.auto_created and one.is_relation and one.related_model._meta.app_label == "policies"
    }

    assert pointing <= {*WHOLE, *NO_PART}


@pytest.mark.parametrize(
    "statement",
    [
        "alter table policies_clauseversion disable trigger all",
        "drop trigger freeze_published on policies_clauseversion",
        "create or replace function policies_freeze_clause() returns trigger language sql as 'select 1'",
        "set local session_replication_role = replica",
        "alter table policies_clauseversion rename to policies_gone",
        "create rule around as on update to policies_clauseversion do also select 1",
        "truncate policies_policy, policies_clause cascade",
    ],
)
def test_the_application_role_cannot_take_the_guards_away(statement, whole):
    with pytest.raises(DatabaseError, match=r"permission denied|must be owner"):
        _run(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "update policies_clauseversion set definition = 'other words'",
        "update policies_clauserevision set number = 7",
        "update policies_versionrevision set number = 7",
        "delete from policies_contribution",
        "update policies_clause set key = 'spam.other'",
    ],
)
def test_a_temporary_table_that_calls_the_version_a_draft_does_not_mislead_the_guards(statement, whole):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "create temporary table policies_policyversion on commit drop as"
            " select id, policy_id, 'draft'::varchar as status from public.policies_policyversion"
        )
        cursor.execute("set local search_path = pg_temp, public")
        with pytest.raises(IntegrityError, match=REFUSAL):
            _run(statement)
        transaction.set_rollback(True)


@pytest.mark.parametrize("column", ["title", "summary", "definitions", "change_note", "revision"])
def test_the_words_of_a_version_in_review_stay_as_they_are(column):
    make_policy_version(status="in_review", published_at=None)
    before = _rows("policies_policyversion")

    with pytest.raises(IntegrityError, match="is in_review"):
        _run(f"update policies_policyversion set {column} = {_other('policies_policyversion', column)}")

    assert _rows("policies_policyversion") == before


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


@pytest.mark.django_db(transaction=True)
def test_a_write_that_began_before_a_publication_ends_before_it():
    text = make_clause(version=make_policy_version(status="draft", published_at=None))

    with transaction.atomic(), psycopg.connect(database.app_url()) as other:
        ClauseVersion.objects.filter(pk=text.pk).update(definition="Written in time.")
        other.execute("set local lock_timeout = '50ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute("update policies_policyversion set status = 'published', published_at = now()")


def _rows(table: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"select to_jsonb(one) from {table} one order by id")
        return cursor.fetchall()


def _other(table: str, column: str) -> str:
    """SQL for a value of the column's type that none of its rows has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select data_type from information_schema.columns where table_name = %s and column_name = %s",
            [table, column],
        )
        kind = cursor.fetchone()[0]
    return {
        "bigint": f"coalesce({column}, 0) + 1",
        "integer": f"{column} + 1",
        "smallint": f"({column} + 1) % 5",
        "boolean": f"not {column}",
        "timestamp with time zone": f"coalesce({column}, now()) + interval '1 day'",
        "jsonb": "'[1]'",
        "ARRAY": "array['a', 'b', 'c', 'd', 'e']",
    }.get(kind, "'other-words'")


def _run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

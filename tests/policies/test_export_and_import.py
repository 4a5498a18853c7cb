"""``manage.py policies export`` and ``import``: out to files and back as a draft, never further."""

from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.management import CommandError, call_command

from policies import exports, operations, pack, queries
from policies.files import folders
from policies.models import Clause, Mapping, Policy, PolicyVersion
from tests.factories import make_clause, make_policy, make_policy_version, make_user, publish
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return make_user(role="policy_editor", name="Mira Sand")


@pytest.fixture
def spam() -> PolicyVersion:
    """Version 1 of a policy with two clauses, in force."""
    version = make_policy_version(status="draft", published_at=None, summary="What nobody asked for.")
    version.policy.key = "spam"
    version.policy.save()
    for key in ("spam.tea", "spam.ode"):
        case = [{"text": "A case.", "reason": "A reason."}]
        text = make_clause(version=version, key=key, violates=case, does_not_violate=case)
        Mapping.objects.create(clause=text.clause, taxonomy="own", taxonomy_version="1", category=key)
    return publish(version)


def run(*arguments: Any, **options: Any) -> list[str]:
    out = StringIO()
    call_command("policies", *map(str, arguments), stdout=out, **options)
    return out.getvalue().splitlines()


def bring_in(folder: Path, by, *arguments: str) -> list[str]:
    return run("import", folder, "--by", by.email, *arguments)


def change(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))


@pytest.fixture
def folder(tmp_path, spam) -> Path:
    """The exported policy, with a definition changed and a note that says why."""
    run("export", tmp_path)
    change(tmp_path, "spam/spam.tea.md", "What this is about.", "What tea is about.")
    change(tmp_path, "spam/policy.yaml", 'change_note: ""', "change_note: It was unclear.")
    return tmp_path


def test_what_is_in_force_is_written_one_file_per_clause(tmp_path, spam):
    told = run("export", tmp_path)

    assert told == ["spam: version 1, 3 files"]
    assert sorted(path.name for path in (tmp_path / "spam").iterdir()) == ["policy.yaml", "spam.ode.md", "spam.tea.md"]
    assert folders.load(tmp_path) == exports.documents_of([spam])


def test_one_version_of_one_policy_is_written(tmp_path, spam, editor):
    clause = Clause.objects.get(key="spam.tea")
    operations.draft_clause(clause, wording=operations.Wording("T", "D.", "P."), change_note="Why.", by=editor)

    assert run("export", tmp_path, "--policy", "spam", "--version", "2") == ["spam: version 2, 3 files"]
    assert "# T\n" in (tmp_path / "spam" / "spam.tea.md").read_text()
    with pytest.raises(CommandError, match="no such version"):
        run("export", tmp_path, "--policy", "spam", "--version", "3")
    with pytest.raises(CommandError, match="name it with --policy"):
        run("export", tmp_path, "--version", "1")


def test_an_export_deletes_the_clauses_that_are_gone_and_nothing_else(folder, spam):
    Clause.objects.create(policy=spam.policy, key="spam.gone")
    for name in ("spam.gone.md", "README.md", "spam.other.md"):
        (folder / "spam" / name).write_text("x")

    told = run("export", folder)

    assert "deleted spam/spam.gone.md, which the version does not have" in told
    assert (folder / "spam" / "README.md").exists()
    assert (folder / "spam" / "spam.other.md").exists()


def test_a_changed_file_becomes_a_draft_that_says_what_differs(folder, editor):
    told = bring_in(folder, editor)

    draft = PolicyVersion.objects.get(number=2)
    assert (draft.status, draft.created_by, draft.change_note) == ("draft", editor, "It was unclear.")
    assert queries.text_of(draft).clauses[0].definition == "What tea is about."
    assert told == [
        "spam: a draft of version 2 by Mira Sand",
        "  spam.tea: Reworded",
        "    Definition: What [-this-]{+tea+} is about.",
    ]
    event = AuditEvent.objects.about(draft).get()
    assert (event.kind, event.by) == ("policy.imported", editor)


def test_out_and_back_changes_nothing(tmp_path, editor):
    operations.install_pack(pack.load())
    run("export", tmp_path)

    told = bring_in(tmp_path, editor)

    assert len(told) == 15
    assert all(line.endswith(": nothing differs") for line in told)
    assert not PolicyVersion.objects.unpublished().exists()


def test_a_dry_run_says_the_same_and_stores_nothing(folder, editor):
    told = bring_in(folder, editor, "--dry-run")

    assert "    Definition: What [-this-]{+tea+} is about." in told
    assert told[-1] == "A dry run: nothing was stored."
    assert PolicyVersion.objects.count() == 1
    assert not AuditEvent.objects.filter(kind="policy.imported").exists()


def test_ones_own_draft_is_replaced_and_the_difference_to_it_told(folder, editor):
    bring_in(folder, editor)
    change(folder, "spam/spam.tea.md", "What tea is about.", "What tea is for.")

    told = bring_in(folder, editor)

    assert told[0] == "spam: a draft of version 2 by Mira Sand"
    assert "    Definition: What tea is [-about-]{+for+}." in told
    assert PolicyVersion.objects.count() == 2
    assert queries.text_of(PolicyVersion.objects.get(number=2)).clauses[0].definition == "What tea is for."


def test_the_note_of_the_version_before_does_not_do(folder, editor):
    change(folder, "spam/policy.yaml", "change_note: It was unclear.", "change_note: x")
    bring_in(folder, editor)
    draft = operations.submit_for_review(PolicyVersion.objects.get(number=2), by=editor)
    operations.publish_version(draft, reason="Good.", by=make_user(role="policy_approver"))
    run("export", folder)
    change(folder, "spam/spam.tea.md", "What tea is about.", "What tea is for.")

    with pytest.raises(CommandError, match=r"spam/policy.yaml, line 6: This is still the note of version 2"):
        bring_in(folder, editor)
    assert bring_in(folder, editor, "--note", "Clearer.")[0] == "spam: a draft of version 3 by Mira Sand"


def test_files_from_an_older_version_are_refused(folder, editor):
    bring_in(folder, editor)
    draft = operations.submit_for_review(PolicyVersion.objects.get(number=2), by=editor)
    operations.publish_version(draft, reason="Good.", by=make_user(role="policy_approver"))
    change(folder, "spam/spam.tea.md", "What tea is about.", "What tea is for.")

    with pytest.raises(CommandError, match=r"spam/policy.yaml, line 3: The files were written from version 1"):
        bring_in(folder, editor, "--note", "Clearer.")

    assert not PolicyVersion.objects.unpublished().exists()


def test_someone_elses_draft_is_in_the_way(folder, editor):
    bring_in(folder, editor)

    with pytest.raises(CommandError, match="Mira Sand is drafting version 2"):
        bring_in(folder, make_user(role="policy_editor"))


def test_a_version_in_review_is_in_the_way(folder, editor):
    bring_in(folder, editor)
    operations.submit_for_review(PolicyVersion.objects.get(number=2), by=editor)

    with pytest.raises(CommandError, match="Version 2 waits for approval"):
        bring_in(folder, editor)


@pytest.mark.parametrize("role", ["reviewer", "lead", "policy_approver", "admin"])
def test_only_an_editor_brings_files_in(folder, role):
    with pytest.raises(CommandError, match="Only a policy editor"):
        bring_in(folder, make_user(role=role))

    assert PolicyVersion.objects.count() == 1


def test_nobody_is_nobody(folder):
    with pytest.raises(CommandError, match="no active person"):
        run("import", folder, "--by", "nobody@example.org")


def test_clauses_come_go_and_change_places(folder, editor):
    new = (folder / "spam" / "spam.ode.md").read_text().replace("spam.ode", "spam.leaf")
    (folder / "spam" / "spam.leaf.md").write_text(new)
    (folder / "spam" / "spam.tea.md").unlink()
    change(folder, "spam/policy.yaml", "  - spam.tea\n  - spam.ode\n", "  - spam.leaf\n  - spam.ode\n")

    told = bring_in(folder, editor)

    draft = PolicyVersion.objects.get(number=2)
    assert [clause.key for clause in queries.text_of(draft).clauses] == ["spam.leaf", "spam.ode"]
    assert "  spam.leaf: Added" in told
    assert "  spam.tea: Removed" in told
    with pytest.raises(Refused, match="not in the draft any more"):
        operations.draft_clause(
            Clause.objects.get(key="spam.tea"), wording=operations.Wording("T", "D.", "P."), change_note="x", by=editor
        )


def test_a_new_clause_means_nothing_to_anyone_until_two_people_published_it(folder, editor):
    new = (folder / "spam" / "spam.ode.md").read_text().replace("spam.ode", "spam.leaf")
    (folder / "spam" / "spam.leaf.md").write_text(new)
    change(folder, "spam/policy.yaml", "  - spam.ode\n", "  - spam.ode\n  - spam.leaf\n")

    bring_in(folder, editor)
    drafted = set(Mapping.objects.values_list("clause__key", flat=True))
    version = operations.submit_for_review(PolicyVersion.objects.get(number=2), by=editor)
    again = folders.load(folder) == exports.documents_of([version])
    operations.publish_version(version, reason="Good.", by=make_user(role="policy_approver"))

    assert drafted == {"spam.tea", "spam.ode"}
    assert not again, "the version's number differs"
    leaf = Mapping.objects.get(clause__key="spam.leaf")
    assert (leaf.taxonomy, leaf.taxonomy_version, leaf.category) == ("own", "1", "spam.leaf")
    assert Mapping.objects.count() == 3


def test_a_discarded_draft_takes_what_it_brought_with_it(tmp_path, editor, client):
    folder = tmp_path / "spam"
    folder.mkdir()
    run_files(folder)
    bring_in(tmp_path, editor)
    client.force_login(editor)

    assert "Not in force" in client.get("/policies/").text
    assert client.get("/policies/clauses/spam.reviews/draft/").status_code == 200
    answer = client.post("/policies/spam/versions/1/discard/", follow=True)

    assert answer.redirect_chain == [("/policies/", 302)]
    assert not Policy.objects.exists()
    assert not Clause.objects.exists()


def run_files(folder: Path) -> None:
    """Copy a policy of the default pack, under a note of its own."""
    for path in (pack.FOLDER / "spam").iterdir():
        (folder / path.name).write_text(path.read_text())


def test_a_policy_that_was_never_published_is_seen_by_those_who_write(tmp_path, editor, client):
    (tmp_path / "spam").mkdir()
    run_files(tmp_path / "spam")
    bring_in(tmp_path, editor)

    client.force_login(make_user(role="reviewer"))
    assert "spam" not in client.get("/policies/").text.partition("<main")[2]
    assert client.get("/policies/spam/versions/").status_code == 404
    client.force_login(make_user(role="policy_approver"))
    assert client.get("/policies/spam/versions/").status_code == 200
    assert client.get("/policies/spam/versions/1/review/").status_code == 200


def test_who_may_see_content_is_not_changed_by_files(folder, editor):
    change(folder, "spam/policy.yaml", 'restricted_category: ""', "restricted_category: child_safety")

    with pytest.raises(CommandError, match=r"spam/policy.yaml, line 8: Who may see content"):
        bring_in(folder, editor)


def test_order_and_outside_names_are_left_alone_and_that_is_told(folder, editor, spam):
    change(folder, "spam/policy.yaml", f"order: {spam.policy.position}", "order: 77")
    change(folder, "spam/spam.ode.md", "- spam.ode", "- other")

    told = bring_in(folder, editor)

    assert "  left alone: order is 0 here" in told
    assert "  left alone: the mappings of spam.ode differ here; they belong to no version" in told
    spam.policy.refresh_from_db()
    assert spam.policy.position == 0
    assert not Mapping.objects.filter(category="other").exists()


def test_a_clause_of_another_policy_is_refused(folder, editor):
    make_clause(key="spam.stray")
    new = (folder / "spam" / "spam.ode.md").read_text().replace("key: spam.ode", "key: spam.stray")
    (folder / "spam" / "spam.stray.md").write_text(new)
    change(folder, "spam/policy.yaml", "  - spam.ode\n", "  - spam.ode\n  - spam.stray\n")

    with pytest.raises(CommandError, match=r"spam/policy.yaml, line 10: The clause “spam.stray” belongs to another"):
        bring_in(folder, editor)


def test_a_clause_that_is_to_close_a_gap_is_not_left_out(folder, editor):
    gap = operations.join_gap("odes", by=None)
    clause = Clause.objects.get(key="spam.tea")
    wording = operations.Wording("T", "D.", "P.")
    operations.draft_clause(clause, wording=wording, change_note="Why.", gap=gap, by=editor)
    (folder / "spam" / "spam.tea.md").unlink()
    change(folder, "spam/policy.yaml", "  - spam.tea\n", "")

    with pytest.raises(CommandError, match=r"leave out “spam\.tea”, which is to close the gap “odes”"):
        bring_in(folder, editor)


def test_nothing_is_stored_when_one_of_several_policies_is_refused(folder, editor):
    version = make_policy_version(policy=make_policy(key="other"), status="draft", published_at=None)
    make_clause(key="other.clause", version=version)
    publish(version)
    run("export", folder, "--policy", "other")
    change(folder, "other/policy.yaml", "version: 1", "version: 9")

    with pytest.raises(CommandError):
        bring_in(folder, editor)

    assert not PolicyVersion.objects.unpublished().exists()


def test_what_a_file_says_does_not_steer_the_terminal(folder, editor):
    change(folder, "spam/spam.tea.md", "What tea is about.", "What \x1b[31mtea\x1b[0m \u202eis about.")

    told = "\n".join(bring_in(folder, editor))

    assert "\x1b" not in told
    assert "\u202e" not in told
    assert "&#27;[31m" in told


@pytest.mark.parametrize("role", ["reviewer", "auditor"])
def test_a_reader_downloads_a_version_and_all_in_force(client, spam, role):
    client.force_login(make_user(role=role))

    one, everything = client.get("/policies/spam/versions/1/export.zip"), client.get("/policies/export.zip")

    assert one["Content-Disposition"] == 'attachment; filename="spam-1.zip"'
    assert everything["Content-Disposition"] == 'attachment; filename="policies.zip"'
    for answer in (one, everything):
        with ZipFile(BytesIO(answer.content)) as zipped:
            files = {name: zipped.read(name).decode() for name in zipped.namelist()}
        assert files == exports.files_of([spam])


def test_the_pages_offer_the_download(client, spam):
    client.force_login(make_user())

    assert 'href="/policies/spam/versions/1/export.zip"' in client.get("/policies/spam/").text
    assert 'href="/policies/export.zip"' in client.get("/policies/").text


@pytest.mark.parametrize("clauses", [2, 60])
def test_a_download_costs_the_same_with_many_clauses(client, clauses, django_assert_num_queries):
    version = make_policy_version(status="draft", published_at=None)
    for number in range(clauses):
        make_clause(version=version, key=f"spam.many-{number}")
    publish(version)
    client.force_login(make_user())

    with django_assert_num_queries(6):
        client.get("/policies/export.zip")

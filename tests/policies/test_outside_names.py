"""A clause that is new names its outside categories in its draft; they count from its first publication."""

import pytest

from policies import exports, operations, queries
from policies.clause_form import raw_of_text
from policies.files import layout
from policies.models import ClauseRevision, ClauseVersion, Mapping, PolicyVersion
from tests.factories import make_clause, make_policy, make_policy_version, make_user, publish
from trust.refusals import Refused

pytestmark = pytest.mark.django_db
DRAFT = "/policies/clauses/spam.cake/draft/"
HARASSMENT = ["openai-moderation", "omni-2024-09-26", "harassment"]
OWN = ["own-detector", "3", "spam/cake"]


@pytest.fixture
def editor(client):
    editor = make_user(role="policy_editor")
    client.force_login(editor)
    return editor


@pytest.fixture
def version(editor) -> PolicyVersion:
    """The draft of version 2, which adds spam.cake to spam.tea."""
    first = make_policy_version(policy=make_policy(key="spam"), status="draft", published_at=None)
    make_clause(key="spam.tea", version=first)
    publish(first)
    draft = operations.open_draft(first.policy, by=editor)
    operations.add_clause(draft, key="spam.cake", title="Cake", by=editor)
    return draft


def form_of(key: str = "spam.cake", *rows: list[str], **changes: str) -> dict[str, str]:
    text = ClauseVersion.objects.with_names().get(clause__key=key, version__status="draft")
    words = {"definition": "New.", "public_text": "New.", **{f"ladder_{level}": "So." for level in range(5)}}
    names = {
        f"outside_{number}_{part}": value
        for number, row in enumerate(rows)
        for part, value in zip(("taxonomy", "version", "category"), row, strict=True)
    }
    before = raw_of_text(text, change_note=text.version.change_note, is_new=True)
    return {**before, **words, "change_note": "Why.", **names, **changes}


def test_what_a_new_clause_stands_for_counts_from_its_publication(client, version, editor):
    response = client.post(DRAFT, form_of("spam.cake", OWN, HARASSMENT))

    assert response.status_code == 302
    text = ClauseVersion.objects.get(clause__key="spam.cake")
    assert text.outside == [HARASSMENT, OWN]
    assert not Mapping.objects.exists()
    page = client.get(DRAFT).text
    assert 'value="spam/cake"' in page
    assert '<option value="harassment/threatening">' in page
    review = client.get(response.url).text
    assert "Outside names from publication on" in review
    assert "Harassment" in review

    operations.submit_for_review(version, by=editor)
    operations.publish_version(version, reason="Good.", by=make_user(role="policy_approver"))

    assert [name.name for name in queries.outside_names(text.clause)] == ["harassment", "spam/cake"]
    assert "Outside names from publication on" not in client.get("/policies/spam/versions/2/").text


def test_a_published_clause_shows_its_names_and_leads_to_where_they_change(client, version):
    text = ClauseVersion.objects.get(clause__key="spam.tea", version=version)
    Mapping.objects.create(
        clause=text.clause, taxonomy="openai-moderation", taxonomy_version="omni-2024-09-26", category="harassment"
    )

    page = client.get("/policies/clauses/spam.tea/draft/").text

    assert 'href="/policies/categories/taxonomies/"' in page
    assert "harassment" in page
    assert 'name="outside_0_category"' not in page
    client.post("/policies/clauses/spam.tea/draft/", form_of("spam.tea", OWN))
    assert ClauseVersion.objects.get(clause__key="spam.tea", version=version).outside == []


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ([["own", "3", ""]], "outside_0_category"),
        ([["", "3", "x"]], "outside_0_taxonomy"),
        ([["own", "", "x"]], "outside_0_version"),
        ([["own", "3", "x" * 121]], "outside_0_category"),
        ([OWN, OWN], "outside_1_category"),
    ],
)
def test_what_is_half_named_or_named_twice_is_told_beside_its_field(client, version, rows, field):
    response = client.post(DRAFT, form_of("spam.cake", *rows))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert f'id="id_{field}_error"' in response.text


def test_two_who_name_them_are_shown_what_the_other_named(client, version):
    mine = form_of("spam.cake", OWN)
    client.force_login(make_user(role="policy_editor"))
    client.post(DRAFT, form_of("spam.cake", HARASSMENT))

    client.force_login(version.created_by)
    conflict = client.post(DRAFT, mine)

    assert conflict.status_code == 409
    clashes = {str(clash.label): clash for clash in conflict.context["clashes"]}
    assert (clashes["Category 1"].mine, clashes["Category 1"].theirs) == ("spam/cake", "harassment")
    assert ClauseVersion.objects.get(clause__key="spam.cake").outside == [HARASSMENT]
    assert ClauseRevision.objects.get().fields["outside"] == []


@pytest.mark.parametrize(("key", "why"), [("spam.tea", "was published"), ("spam.cake", "stands here twice")])
def test_names_that_cannot_come_into_force_are_refused_whoever_sends_them(version, editor, key, why):
    text = ClauseVersion.objects.with_names().get(clause__key=key, version=version)
    wording = operations.Wording(title="T", definition="D", public_text="P", outside=[OWN, OWN])

    with pytest.raises(Refused, match=why):
        operations.draft_clause(text.clause, wording=wording, change_note="Why.", by=editor)


def test_names_of_a_new_clause_go_into_files_and_come_back(client, version, editor):
    client.post(DRAFT, form_of("spam.cake", OWN))
    [document] = exports.documents_of([PolicyVersion.objects.select_related("policy").get(pk=version.pk)])
    files = {path: text.encode() for path, text in layout.render(document).items()}
    revision = ClauseVersion.objects.get(clause__key="spam.cake").revision

    assert operations.draft_document(layout.parse(files), by=editor) is None

    path = "spam/spam.cake.md"
    changed = {**files, path: files[path].replace(b"spam/cake", b"spam/pies")}
    operations.draft_document(layout.parse(changed), by=editor)
    text = ClauseVersion.objects.get(clause__key="spam.cake")
    assert (text.outside, text.revision) == ([["own-detector", "3", "spam/pies"]], revision + 1)


def test_files_do_not_bring_back_a_name_that_was_taken_from_a_published_clause(editor):
    draft = make_policy_version(policy=make_policy(key="spam"), status="draft", published_at=None)
    make_clause(key="spam.tea", version=draft, outside=[OWN])
    publish(draft)

    [document] = exports.documents_of([draft])

    assert document.outside == {"spam.tea": ()}

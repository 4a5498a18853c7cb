"""What a draft says about its policy as a whole: saved with the care that its clauses get."""

import pytest
from django.db import IntegrityError

from policies import comparisons, exports, operations
from policies.about_form import raw_of_version
from policies.files import layout
from policies.models import PolicyVersion, Typing, VersionRevision
from policies.wording import About, Basis
from tests.factories import make_clause, make_policy, make_policy_version, make_user, publish
from trust import clock
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db
ADDRESS = "/policies/spam/draft/about/"


@pytest.fixture
def editor(client):
    editor = make_user(role="policy_editor")
    client.force_login(editor)
    return editor


@pytest.fixture
def draft(editor) -> PolicyVersion:
    version = make_policy_version(
        policy=make_policy(key="spam"), title="Spam", summary="Old.", status="draft", published_at=None
    )
    text = make_clause(key="spam.tea", version=version)
    publish(text.version)
    return operations.open_draft(text.version.policy, by=editor)


def form_of(draft, **words) -> dict[str, str]:
    return {**raw_of_version(draft), "change_note": "Why.", **words}


def save(draft, *, by, basis=None, note="Why.", **words) -> PolicyVersion:
    about = About(**{"title": draft.title, "summary": draft.summary, **words})
    return operations.draft_about(draft, about=about, change_note=note, basis=basis or Basis.of_version(draft), by=by)


def test_title_and_summary_are_saved_recorded_and_make_their_writer_no_approver(client, draft, editor):
    other = make_user(role="policy_editor")
    client.force_login(other)

    response = client.post(ADDRESS, form_of(draft, title="Junk", summary="New."))

    assert response.status_code == 302
    draft.refresh_from_db()
    assert (draft.title, draft.summary, draft.change_note, draft.revision) == ("Junk", "New.", "Why.", 2)
    assert draft.writer_ids() == {editor.pk, other.pk}
    event = AuditEvent.objects.about(draft).get(kind="policy.about_drafted")
    assert (event.by_id, event.data["revision"]) == (other.pk, 2)
    [before] = VersionRevision.objects.all()
    assert (before.fields, before.replaced_by) == ({"title": "Spam", "summary": "Old.", "definitions": []}, other)


def test_it_shows_in_the_comparison_and_in_files(draft, editor):
    save(draft, by=editor, title="Junk", summary="New.")

    version = PolicyVersion.objects.select_related("policy").get(pk=draft.pk)
    assert [row.label for row in comparisons.with_the_one_before(version).found.about] == ["Title", "Summary"]
    assert "title: Junk" in exports.files_of([version])["spam/policy.yaml"]


def test_two_changes_stand_side_by_side_and_are_merged_by_hand(client, draft, editor):
    mine = form_of(draft, summary="Mine.")
    save(draft, by=make_user(role="policy_editor"), title="Junk", summary="Theirs.")

    conflict = client.post(ADDRESS, mine)

    assert conflict.status_code == 409
    clashes = {str(clash.label): clash for clash in conflict.context["clashes"]}
    assert {name: clash.is_changed_twice for name, clash in clashes.items()} == {"Title": False, "Summary": True}
    summary = clashes["Summary"]
    assert (summary.base, summary.mine, summary.theirs) == ("Old.", "Mine.", "Theirs.")
    merged = conflict.context["about"].initial
    assert (merged["title"], merged["summary"]) == ("Junk", "Mine.")
    draft.refresh_from_db()
    assert draft.summary == "Theirs."

    assert client.post(ADDRESS, {**merged, "summary": "Ours."}).status_code == 302
    draft.refresh_from_db()
    assert (draft.title, draft.summary) == ("Junk", "Ours.")


TERMS = [{"term": "filler", "meaning": "Text that says *nothing*."}, {"term": "bulk", "meaning": "Ten or more."}]


def test_terms_are_defined_shown_compared_and_exported(client, draft, editor):
    sent = {f"definitions_{n}_{part}": row[part] for n, row in enumerate(TERMS) for part in row}

    response = client.post(ADDRESS, form_of(draft, **sent))

    assert response.status_code == 302
    draft.refresh_from_db()
    assert draft.definitions == TERMS
    assert 'value="filler"' in client.get(response.url).text
    assert "Text that says <em>nothing</em>." in client.get("/policies/spam/versions/2/").text
    version = PolicyVersion.objects.select_related("policy").get(pk=draft.pk)
    rows = comparisons.with_the_one_before(version).found.about
    assert [row.label for row in rows] == ["Term", "What the term means"] * 2
    [document] = exports.documents_of([version])
    files = {path: text.encode() for path, text in layout.render(document).items()}
    assert operations.draft_document(layout.parse(files), by=editor) is None
    files["spam/policy.yaml"] = files["spam/policy.yaml"].replace(b"Ten or more", b"Nine")
    operations.draft_document(layout.parse(files), by=editor)
    draft.refresh_from_db()
    assert draft.definitions[1]["meaning"] == "Nine."
    assert draft.revision == 3


def test_the_next_draft_begins_with_the_terms_of_the_last(draft, editor):
    save(draft, by=editor, definitions=TERMS)
    operations.submit_for_review(draft, by=editor)
    operations.publish_version(draft, reason="Good.", by=make_user(role="policy_approver"))

    assert operations.open_draft(draft.policy, by=editor).definitions == TERMS


def test_two_who_define_terms_are_shown_what_the_other_defined(client, draft, editor):
    mine = form_of(draft, definitions_0_term="tea", definitions_0_meaning="A drink.")
    save(draft, by=make_user(role="policy_editor"), definitions=TERMS)

    conflict = client.post(ADDRESS, mine)

    assert conflict.status_code == 409
    clashes = {str(clash.label): (clash.mine, clash.theirs) for clash in conflict.context["clashes"]}
    assert clashes["Term 1"] == ("tea", "filler")
    assert clashes["Term 2"] == ("", "bulk")
    merged = conflict.context["about"].initial
    assert (merged["definitions_0_term"], merged["definitions_1_term"]) == ("tea", "bulk")


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"definitions_0_term": "tea"}, "definitions_0_meaning"),
        ({"definitions_0_meaning": "A drink."}, "definitions_0_term"),
        ({"definitions_0_term": "x" * 121, "definitions_0_meaning": "A drink."}, "definitions_0_term"),
        (
            {
                "definitions_0_term": "tea",
                "definitions_0_meaning": "A.",
                "definitions_1_term": "Tea",
                "definitions_1_meaning": "B.",
            },
            "definitions_1_term",
        ),
    ],
)
def test_a_term_that_says_half_or_twice_is_told_beside_its_field(client, draft, terms, field):
    response = client.post(ADDRESS, form_of(draft, **terms))

    assert response.status_code == 422
    assert list(response.context["about"].errors) == [field]
    assert f'id="about_{field}_error"' in response.text


def test_a_term_defined_twice_is_refused_whoever_sends_it(draft, editor):
    with pytest.raises(Refused, match="defined twice"):
        save(draft, by=editor, definitions=[TERMS[0], TERMS[0]])


def test_the_same_words_sent_twice_are_saved_once(draft, editor):
    basis = Basis.of_version(draft)

    for _time in range(2):
        save(draft, by=editor, basis=basis, summary="Once.")

    assert VersionRevision.objects.count() == 1


@pytest.mark.parametrize("basis", ["", "no basis", "1.2.3", "7.1"])
def test_a_form_that_does_not_say_on_what_it_is_based_overwrites_nothing(client, draft, basis):
    response = client.post(ADDRESS, form_of(draft, summary="Mine.", basis=basis))

    assert response.status_code == 409
    assert not PolicyVersion.objects.filter(summary="Mine.").exists()


@pytest.mark.parametrize("field", ["title", "summary", "change_note"])
def test_what_is_wrong_stands_beside_its_field(client, draft, field):
    response = client.post(ADDRESS, form_of(draft, **{field: ""}))

    assert response.status_code == 422
    assert list(response.context["about"].errors) == [field]
    assert f'id="about_{field}_error"' in response.text


def test_a_version_in_review_is_not_changed(client, draft, editor):
    PolicyVersion.objects.filter(pk=draft.pk).update(status="in_review")

    with pytest.raises(Refused, match="waits for approval"):
        save(draft, by=editor, summary="Late.")

    assert 'name="summary"' not in client.get("/policies/spam/draft/").text


def test_a_draft_with_earlier_words_can_be_thrown_away(draft, editor):
    save(draft, by=editor, summary="New.")

    operations.discard_draft(draft, by=editor)

    assert not VersionRevision.objects.exists()


# ── What is typed and not saved ──────────────────────────

OUTLINE = "/policies/spam/draft/"


def test_what_is_typed_about_a_policy_is_there_again_for_its_writer_alone_until_it_is_saved(client, draft, editor):
    typed = form_of(draft, title="Ju", definitions_0_term="Bot", definitions_0_meaning="An acc")
    assert client.post(f"{ADDRESS}keep/", typed).status_code == 204

    page = client.get(OUTLINE)
    client.force_login(make_user(role="policy_editor"))
    other = client.get(OUTLINE)
    client.force_login(editor)

    assert "what you typed and did not save" in page.text
    assert page.context["about"]["title"].value() == "Ju"
    assert page.context["about"]["definitions_0_meaning"].value() == "An acc"
    assert (other.context["about"]["title"].value(), "An acc" in other.text) == ("Spam", False)
    draft.refresh_from_db()
    assert (draft.title, draft.revision) == ("Spam", 1)
    client.post(ADDRESS, page.context["about"].initial)
    assert not Typing.objects.exists()
    assert PolicyVersion.objects.get(pk=draft.pk).title == "Ju"


def test_what_is_typed_to_add_a_clause_is_there_again_until_it_is_added(client, draft, editor):
    client.post(f"{OUTLINE}clauses/keep/", {"title": "Leaves", "key": "lea"})
    assert client.get(OUTLINE).context["form"]["key"].value() == "lea"

    client.post(f"{OUTLINE}clauses/", {"title": "Leaves", "key": "leaves"})

    assert not Typing.objects.exists()


def test_what_says_nothing_new_is_not_kept_and_what_is_can_be_forgotten(client, draft, editor):
    client.post(f"{ADDRESS}keep/", form_of(draft, title="Ju"))
    client.post(f"{ADDRESS}keep/", raw_of_version(draft))
    client.post(f"{OUTLINE}clauses/keep/", {"title": "L", "key": ""})
    client.post(f"{OUTLINE}clauses/keep/", {"title": "", "key": ""})
    assert not Typing.objects.exists()

    client.post(f"{ADDRESS}keep/", form_of(draft, title="Ju"))
    client.post(f"{OUTLINE}clauses/keep/", {"title": "L", "key": ""})
    page = client.post(f"{OUTLINE}drop/", follow=True)
    assert not Typing.objects.exists()
    assert page.context["about"]["title"].value() == "Spam"


def test_what_is_typed_and_what_another_saved_meanwhile_stand_side_by_side_also_after_a_reload(client, draft, editor):
    client.post(f"{ADDRESS}keep/", form_of(draft, summary="Mine."))
    save(draft, by=make_user(role="policy_editor"), title="Junk", summary="Theirs.")

    for page in (client.get(OUTLINE), client.get(OUTLINE)):
        [title, summary] = [clash for clash in page.context["clashes"] if str(clash.label) in {"Title", "Summary"}]
        assert (title.theirs, summary.base, summary.mine, summary.theirs) == ("Junk", "Old.", "Mine.", "Theirs.")
        assert page.context["about"].initial["title"] == "Junk"
        assert page.context["about"].initial["summary"] == "Mine."
    assert client.post(ADDRESS, page.context["about"].initial).status_code == 302
    assert not Typing.objects.exists()


def test_a_clause_that_is_moved_meanwhile_costs_nothing_that_is_typed(client, draft, editor):
    operations.add_clause(draft, key="spam.leaves", title="Leaves", by=editor)
    client.post(f"{ADDRESS}keep/", form_of(draft, title="Ju"))

    client.post("/policies/clauses/spam.leaves/draft/move/", {"to": "up"})

    page = client.get(OUTLINE)
    assert [text.clause.key for text in page.context["clauses"]] == ["spam.leaves", "spam.tea"]
    assert (page.context["about"]["title"].value(), page.context["clashes"]) == ("Ju", [])


def test_a_draft_that_is_discarded_takes_what_was_typed_with_it_where_the_policy_goes_too(editor):
    policy = make_policy(key="tea")
    version = make_policy_version(policy=policy, status="draft", published_at=None)
    operations.keep_outline(policy, "about", fields={"title": "x"}, by=editor)

    operations.discard_draft(version, by=editor)

    assert not Typing.objects.exists()


def test_only_editors_keep_what_they_type(draft):
    approver = make_user(role="policy_approver")

    with pytest.raises(Refused):
        operations.keep_outline(draft.policy, "about", fields={}, by=approver)
    with pytest.raises(IntegrityError, match="typing_of_one_form"):
        Typing.objects.create(policy=draft.policy, part="", person=approver, fields={}, saved_at=clock.now())

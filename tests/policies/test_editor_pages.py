"""The pages of the editor: keep what is typed, show two people's changes side by side, add and order clauses."""

from time import perf_counter

import pytest
from django.urls import reverse

from policies import operations
from policies.clause_form import raw_of_text
from policies.models import ClauseVersion, PolicyVersion, Typing
from tests.factories import make_clause, make_policy_version, make_user, publish

pytestmark = pytest.mark.django_db
DRAFT = "/policies/clauses/spam.tea/draft/"


@pytest.fixture
def text() -> ClauseVersion:
    version = make_policy_version(status="draft", published_at=None)
    text = make_clause(key="spam.tea", title="Tea", definition="Old.", public_text="Do not.", version=version)
    publish(version)
    return text


@pytest.fixture
def editor(client):
    editor = make_user(role="policy_editor")
    client.force_login(editor)
    return editor


def form_of(text, **changes) -> dict[str, str]:
    return {**raw_of_text(text, change_note=""), "change_note": "Why.", **changes}


def test_every_field_of_a_clause_is_saved(client, text, editor):
    changes = {
        "title": "More tea",
        "violates_0_text": "A *tea* that melts fat.",
        "violates_0_reason": "Unsupported.",
        "does_not_violate_1_text": "A recipe.",
        "does_not_violate_1_reason": "Nothing is sold.",
        "ladder_4": "A network of shops.",
        "recommended_4": "ban",
        "usual_severity": "3",
        "is_anticipated": "",
        "unmapped_reason": "None fits.",
    }

    response = client.post(DRAFT, form_of(text, **changes))

    assert response.status_code == 302
    saved = ClauseVersion.objects.get(version__status="draft")
    assert saved.title == "More tea"
    assert saved.violates == [{"text": "A *tea* that melts fat.", "reason": "Unsupported."}]
    assert saved.does_not_violate == [{"text": "A recipe.", "reason": "Nothing is sold."}]
    assert (saved.ladder[4], saved.recommended["4"], saved.usual_severity) == ("A network of shops.", "ban", 3)
    assert (saved.is_anticipated, saved.unmapped_reason) == (False, "None fits.")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"violates_0_text": "Without a reason."}, "violates_0_reason"),
        ({"violates_0_reason": "Of nothing."}, "violates_0_text"),
        ({"ladder_2": ""}, "ladder_2"),
        ({"recommended_1": "applause"}, "recommended_1"),
        ({"usual_severity": "9"}, "usual_severity"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(client, text, editor, change, field):
    response = client.post(DRAFT, form_of(text, **change))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert f'id="id_{field}_error"' in response.text


def test_what_is_typed_is_there_again_for_its_writer_alone(client, text, editor):
    assert client.post(f"{DRAFT}keep/", form_of(text, definition="Half a sen")).status_code == 204

    page = client.get(DRAFT)
    client.force_login(make_user(role="policy_editor"))
    other = client.get(DRAFT)

    assert "Half a sen" in page.text
    assert "what you typed and did not save" in page.text
    assert "Half a sen" not in other.text
    assert PolicyVersion.objects.count() == 1, "nothing is drafted by typing"


def test_what_says_nothing_new_is_not_kept(client, text, editor):
    client.post(f"{DRAFT}keep/", form_of(text, definition="Half a sen"))
    client.post(f"{DRAFT}keep/", form_of(text, change_note=""))

    assert not Typing.objects.exists()


def test_what_is_typed_can_be_forgotten(client, text, editor):
    client.post(f"{DRAFT}keep/", form_of(text, definition="Half a sen"))

    page = client.post(f"{DRAFT}drop/", follow=True).text

    assert "Half a sen" not in page


def test_two_changes_of_one_clause_stand_side_by_side_and_survive_a_reload(client, text, editor):
    other = make_user(role="policy_editor")
    wording = operations.Wording(title="Other tea", definition="Theirs.", public_text="Do not.")
    operations.draft_clause(text.clause, wording=wording, change_note="Why.", by=other)

    conflict = client.post(DRAFT, form_of(text, definition="Mine.", public_text="Mine too."))
    again = client.get(DRAFT)

    assert conflict.status_code == 409
    for page in (conflict, again):
        clashes = {str(clash.label): clash for clash in page.context["clashes"]}
        definition = clashes["Definition"]
        assert (definition.base, definition.mine, definition.theirs) == ("Old.", "Mine.", "Theirs.")
        assert [name for name, clash in clashes.items() if clash.is_changed_twice] == ["Definition"]
        merged = page.context["form"].initial
        assert (merged["title"], merged["definition"], merged["public_text"]) == ("Other tea", "Mine.", "Mine too.")
    assert ClauseVersion.objects.get(version__status="draft").definition == "Theirs."

    merged = client.post(DRAFT, {**again.context["form"].initial, "definition": "Ours."})
    assert merged.status_code == 302
    saved = ClauseVersion.objects.get(version__status="draft")
    assert (saved.title, saved.definition, saved.public_text) == ("Other tea", "Ours.", "Mine too.")
    assert not Typing.objects.exists()


@pytest.mark.parametrize("basis", ["", "no basis", "1.2.3", "9" * 40])
def test_a_form_that_does_not_say_on_what_it_is_based_overwrites_nothing(client, text, editor, basis):
    response = client.post(DRAFT, form_of(text, definition="Mine.", basis=basis))

    assert response.status_code in {409, 422}
    assert not ClauseVersion.objects.filter(definition="Mine.").exists()


def test_the_preview_lays_out_what_is_typed_and_changes_nothing(client, text, editor):
    sent = form_of(text, definition="**bold** <script>x</script>", violates_0_text="[a](javascript:x)")

    page = client.post(f"{DRAFT}preview/", sent, headers={"hx-request": "true"}).text

    assert "<strong>bold</strong> &lt;script&gt;" in page
    assert "<a " not in page
    assert "<html" not in page
    assert not Typing.objects.exists()


HOSTILE = "<script>x</script> [a](javascript:x) ![i](//h/x.png) " + "> " * 100 + "\n\n[b](data:text/html,x)"
TEXTS = ["title", "definition", "public_text", "unmapped_reason", "change_note"]
PLACES = [f"{kind}_0_{part}" for kind in ("violates", "does_not_violate") for part in ("text", "reason")]


def test_hostile_markdown_in_every_field_is_harmless_on_every_page(client, text, editor):
    hostile = dict.fromkeys([*TEXTS, *PLACES, *(f"ladder_{level}" for level in range(5))], HOSTILE)
    hostile["title"] = HOSTILE[:110]

    saved = client.post(DRAFT, form_of(text, **hostile))
    version = PolicyVersion.objects.get(status="draft")
    key = version.policy.key
    pages = [
        client.get(address)
        for address in (
            DRAFT,
            saved.url,
            f"/policies/{key}/draft/",
            f"/policies/{key}/versions/2/",
            f"/policies/{key}/versions/",
            "/policies/clauses/spam.tea/versions/2/",
        )
    ]

    assert {page.status_code for page in pages} == {200}
    for page in pages:
        assert "<script>x" not in page.text
        assert 'src="//h' not in page.text
        assert 'href="javascript' not in page.text
        assert 'href="data' not in page.text


def test_a_draft_is_opened_ordered_and_grown_on_its_page(client, text, editor):
    policy = text.version.policy
    address = f"/policies/{policy.key}/draft/"

    assert "Open a draft" in client.get(address).text
    client.post(address)
    added = client.post(f"{address}clauses/", {"title": "More tea", "key": "more_tea"})
    wrong = client.post(f"{address}clauses/", {"title": "More tea", "key": "More Tea"})
    client.post(reverse("policies:move", args=[f"{policy.key}.more_tea"]), {"to": "up"})
    page = client.get(address).text

    assert added.url == f"/policies/clauses/{policy.key}.more_tea/draft/"
    assert client.get(added.url).status_code == 200
    assert wrong.status_code == 422
    assert "id_key_error" in wrong.text
    assert page.index("More tea") < page.index("spam.tea")
    client.post(reverse("policies:remove", args=[f"{policy.key}.more_tea"]))
    assert "more_tea" not in client.get(address).text


@pytest.mark.parametrize("rows", [2, 60])
def test_the_page_of_a_draft_costs_the_same_with_many_clauses(client, editor, rows, django_assert_num_queries):
    version = make_policy_version(status="draft", published_at=None, created_by=editor)
    for _row in range(rows):
        make_clause(version=version)

    with django_assert_num_queries(7):
        page = client.get(f"/policies/{version.policy.key}/draft/").text

    assert page.count("data-row") == rows


def test_a_version_is_approved_for_a_moment_and_that_is_cancelled(client, text, editor):
    wording = operations.Wording(title="New", definition="New.", public_text="New.")
    version = operations.draft_clause(text.clause, wording=wording, change_note="Why.", by=editor)
    operations.submit_for_review(version, by=editor)
    client.force_login(make_user(role="policy_approver"))
    address = f"/policies/{version.policy.key}/versions/2"

    wrong = client.post(f"{address}/publish-at/", {"reason": "Good.", "moment": "soon"})
    sent = {"reason": "Good.", "moment": f"{version.created_at.year + 1}-01-01T09:00"}
    page = client.post(f"{address}/publish-at/", sent, follow=True).text
    version.refresh_from_db()

    assert wrong.status_code == 422
    assert "id_moment_error" in wrong.text
    assert "approved it; in force from" in page
    assert version.takes_effect_at is not None
    client.post(f"{address}/cancel/", {"reason": "Not yet."})
    version.refresh_from_db()
    assert (version.status, version.takes_effect_at) == ("in_review", None)


def test_half_a_megabyte_of_policy_is_read_and_saved(client, editor):
    paragraph = "Who asks for *this* is judged by what the answer adds. It says so in plain words, and once more. " * 5
    words = "\n\n".join(f"{number}. {paragraph}" for number in range(21))
    version = make_policy_version(status="draft", published_at=None)
    texts = [
        make_clause(version=version, definition=f"{row} {words}"[:9_900], public_text=f"{row} {words}"[:4_900])
        for row in range(34)
    ]
    publish(version)
    form = form_of(texts[0], title="Changed")

    times = {}
    for name, act in (
        ("read", lambda: client.get(f"/policies/{version.policy.key}/")),
        ("read again", lambda: client.get(f"/policies/{version.policy.key}/")),
        ("preview", lambda: client.post(f"/policies/clauses/{texts[0].clause.key}/draft/preview/", form)),
        ("save", lambda: client.post(f"/policies/clauses/{texts[0].clause.key}/draft/", form)),
    ):
        start = perf_counter()
        response = act()
        times[name] = perf_counter() - start
        assert response.status_code in {200, 302}

    size = sum(len(text.definition) + len(text.public_text) for text in texts)
    assert size > 500_000
    print(f"{size:,} characters:", ", ".join(f"{name} {seconds:.2f} s" for name, seconds in times.items()))

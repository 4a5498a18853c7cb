"""The pages where a clause is changed, compared, approved and published."""

import pytest
from django.urls import reverse

from policies import operations
from policies.clause_form import raw_of_text
from policies.models import ClauseVersion, PolicyGap, PolicyVersion
from tests.factories import make_clause, make_policy_version, make_user, publish

pytestmark = pytest.mark.django_db

WORDING = {"title": "New title", "definition": "New definition.", "public_text": "New public words."}
CHANGE = {**WORDING, "change_note": "It was unclear."}


def form_of(text, **changes) -> dict[str, str]:
    """Return what the page of ``text`` sends when it is changed so."""
    return {**raw_of_text(text, change_note=""), **CHANGE, **changes}


@pytest.fixture
def text() -> ClauseVersion:
    return make_clause(key="spam.tea", title="Tea", definition="Old definition.")


def make_draft(text, by=None, *, in_review=False) -> PolicyVersion:
    by = by or make_user(role="policy_editor")
    version = operations.draft_clause(
        text.clause, wording=operations.Wording(**WORDING), change_note="It was unclear.", by=by
    )
    return operations.submit_for_review(version, by=by) if in_review else version


def url(name: str, version: PolicyVersion) -> str:
    return reverse(f"policies:{name}", args=[version.policy.key, version.number])


def test_an_editor_saves_a_draft_and_lands_on_the_comparison(client, text):
    client.force_login(make_user(role="policy_editor"))

    response = client.post("/policies/clauses/spam.tea/draft/", form_of(text), follow=True)

    version = PolicyVersion.objects.get(number=2)
    assert response.redirect_chain == [(url("review", version), 302)]
    assert '<del><span class="visually-hidden">(removed:) </span>Old</del> definition.' in response.text
    assert '<ins><span class="visually-hidden">(added:) </span>New</ins> definition.' in response.text
    assert "Version 2 is saved as a draft." in response.text


def test_the_form_is_filled_with_the_words_in_force_then_with_the_draft(client, text):
    editor = make_user(role="policy_editor")
    client.force_login(editor)

    first = client.get("/policies/clauses/spam.tea/draft/").context["form"]
    make_draft(text, by=editor)
    second = client.get("/policies/clauses/spam.tea/draft/").context["form"]

    assert (first.initial["definition"], first.initial["change_note"]) == ("Old definition.", "")
    assert (second.initial["definition"], second.initial["change_note"]) == ("New definition.", "It was unclear.")


@pytest.mark.parametrize("role", ["reviewer", "lead", "policy_approver", "analyst", "auditor", "admin"])
def test_only_editors_may_open_the_form(client, text, role):
    client.force_login(make_user(role=role))

    assert client.get("/policies/clauses/spam.tea/draft/").status_code == 403
    assert client.post("/policies/clauses/spam.tea/draft/", form_of(text)).status_code == 403
    assert "Change this clause" not in client.get("/policies/clauses/spam.tea/").text
    assert PolicyVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"definition": ""}, "This field is required."),
        ({"definition": "x" * 10_001}, "at most 10000 characters"),
        ({"public_text": "with \0 inside"}, "Null characters are not allowed."),
        ({"gap": str(2**70)}, "Select a valid choice."),
        ({"gap": "no number"}, "Select a valid choice."),
    ],
)
def test_a_wrong_field_is_named_and_what_was_typed_stays(client, text, change, told):
    client.force_login(make_user(role="policy_editor"))

    response = client.post("/policies/clauses/spam.tea/draft/", form_of(text, **change))

    assert response.status_code == 422
    assert told in response.text
    assert "It was unclear." in response.text
    assert PolicyVersion.objects.count() == 1


def test_the_form_offers_open_gaps(client, text):
    gap = operations.join_gap("pet votes", by=None)
    client.force_login(make_user(role="policy_editor"))

    page = client.get("/policies/clauses/spam.tea/draft/").text
    client.post("/policies/clauses/spam.tea/draft/", form_of(text, gap=gap.pk))

    assert "pet votes" in page
    gap.refresh_from_db()
    assert gap.status == "drafting"


def test_nobody_saves_while_a_version_waits_for_approval(client, text):
    make_draft(text, in_review=True)
    client.force_login(make_user(role="policy_editor"))

    page = client.get("/policies/clauses/spam.tea/draft/").text
    response = client.post("/policies/clauses/spam.tea/draft/", form_of(text))

    assert "Version 2 waits for approval" in page
    assert 'aria-disabled="true"' in page
    assert response.status_code == 409
    assert "Version 2 waits for approval" in response.text


def test_two_people_publish_from_the_page(client, text):
    editor, approver = make_user(role="policy_editor"), make_user(role="policy_approver")
    version = make_draft(text, by=editor)

    client.force_login(editor)
    client.post(url("submit", version))
    client.force_login(approver)
    page = client.get(url("review", version)).text
    response = client.post(url("publish", version), {"reason": "Clearer."}, follow=True)

    assert "you did not write it" in page
    assert "Publish version 2" in page
    assert "Version 2 is in force." in response.text
    version.refresh_from_db()
    assert (version.status, version.approved_by) == ("published", approver)


def test_the_author_sees_the_refusal_beside_the_button_and_gets_it_when_posting(client, text):
    author = make_user(roles=["policy_editor", "policy_approver"])
    version = make_draft(text, by=author, in_review=True)
    client.force_login(author)

    page = client.get(url("review", version)).text
    response = client.post(url("publish", version), {"reason": "Clearer."})

    assert "Someone other than the author must publish this version." in page
    assert f'formaction="{url("send_back", version)}"' in page
    assert response.status_code == 409
    assert "Someone other than the author" in response.text
    version.refresh_from_db()
    assert version.status == "in_review"


def test_an_approver_asks_for_changes(client, text):
    version = make_draft(text, in_review=True)
    client.force_login(make_user(role="policy_approver"))

    response = client.post(url("send_back", version), {"reason": "The example contradicts it."}, follow=True)

    assert "Version 2 went back to its author." in response.text
    version.refresh_from_db()
    assert version.status == "draft"


@pytest.mark.parametrize("name", ["publish", "send_back"])
def test_without_a_usable_reason_the_form_returns_and_says_why(client, text, name):
    version = make_draft(text, in_review=True)
    client.force_login(make_user(role="policy_approver"))

    empty = client.post(url(name, version), {})
    broken = client.post(url(name, version), {"reason": "with \0 inside"})

    assert empty.status_code == 422
    assert "Give your reason" in empty.text
    assert broken.status_code == 422
    assert "Null characters are not allowed." in broken.text
    version.refresh_from_db()
    assert version.status == "in_review"


def test_an_editor_discards_a_draft(client, text):
    version = make_draft(text)
    client.force_login(make_user(role="policy_editor"))

    response = client.post(url("discard", version), follow=True)

    assert "The draft of version 2 is discarded." in response.text
    assert not PolicyVersion.objects.filter(pk=version.pk).exists()


@pytest.mark.parametrize("name", ["submit", "publish", "send_back", "discard"])
def test_a_change_is_posted_by_those_whose_role_it_is(client, text, name):
    version = make_draft(text)
    client.force_login(make_user(role="reviewer"))

    assert client.get(url(name, version)).status_code == 405
    assert client.post(url(name, version), {"reason": "x"}).status_code == 403


def test_the_review_page_of_a_published_version_is_its_reading_page(client, text):
    client.force_login(make_user())

    response = client.get(url("review", text.version))

    assert response.status_code == 302
    assert response.url == text.version.get_absolute_url()


def test_an_editor_closes_a_gap_with_a_reason(client):
    gap = operations.join_gap("birthday verses", by=None)
    client.force_login(make_user(role="policy_editor"))

    refused = client.post(reverse("policies:close_gap", args=[gap.pk]), {"reason": ""})
    closed = client.post(reverse("policies:close_gap", args=[gap.pk]), {"reason": "Harmless."}, follow=True)

    assert refused.status_code == 422
    assert "The gap is closed." in closed.text
    assert PolicyGap.objects.get().status == "not_a_violation"


@pytest.mark.parametrize("rows", [2, 60])
def test_the_comparison_costs_the_same_with_many_clauses(client, rows, django_assert_num_queries):
    first = make_policy_version(status="draft", published_at=None)
    texts = [make_clause(version=first) for _ in range(rows)]
    publish(first)
    make_draft(texts[0])
    version = make_draft_of_all(texts)
    client.force_login(make_user(role="policy_approver"))

    with django_assert_num_queries(10):
        page = client.get(url("review", version)).text

    assert page.count("data-row") == rows


def make_draft_of_all(texts) -> PolicyVersion:
    version = PolicyVersion.objects.get(status="draft")
    version.clauses.update(definition="Other words for all.")
    return version


def test_my_work_leads_the_approver_to_the_comparison(client, text):
    version = make_draft(text, in_review=True)
    client.force_login(make_user(role="policy_approver"))

    assert url("review", version) in client.get("/").text

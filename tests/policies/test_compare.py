"""The page that compares any two versions of a policy, and the form that chooses them."""

import pytest

from policies import operations
from policies.models import ClauseVersion, PolicyVersion
from tests.factories import make_clause, make_policy, make_policy_version, make_user, publish

pytestmark = pytest.mark.django_db

HOSTILE = "</del><script>alert(1)</script>\u202ehidden"


def make_next(version: PolicyVersion, *, keep: list[ClauseVersion], **fields) -> PolicyVersion:
    """Make the next version in force, with the clauses of ``keep`` in this order, the first changed by ``fields``."""
    version.status = PolicyVersion.Status.RETIRED
    version.save()
    draft = make_policy_version(
        policy=version.policy, number=version.number + 1, status="draft", published_at=None, title=version.title
    )
    for place, text in enumerate(keep, start=1):
        texts = ClauseVersion.objects.filter(pk=text.pk).values()[0]
        texts |= {"id": None, "version_id": draft.pk, "position": place, **(fields if place == 1 else {})}
        ClauseVersion.objects.create(**texts)
    return publish(draft)


@pytest.fixture
def two() -> tuple[PolicyVersion, PolicyVersion]:
    first = make_policy_version(status="draft", published_at=None, policy=make_policy(key="spam"))
    tea, ode, _gone = (make_clause(version=first, key=f"spam.{name}") for name in ("tea", "ode", "gone"))
    publish(first)
    second = make_next(
        first,
        keep=[ode, tea],
        definition="What that is about.",
        usual_severity=4,
        recommended={"4": "ban"},
        is_anticipated=False,
    )
    return first, second


def test_each_kind_of_change_is_named(client, two):
    client.force_login(make_user())

    page = client.get("/policies/spam/versions/1/to/2/").text

    for word in (
        "Moved",
        "Removed",
        "Reworded",
        "Severity changed",
        "Recommended action changed",
        "Anticipation changed",
    ):
        assert f">{word}</span>" in page
    assert "2 clauses changed, 1 as they were" in page
    assert "S4 critical" in page
    assert "Not anticipated" in page


def test_the_other_way_round_what_was_removed_was_added(client, two):
    client.force_login(make_user())

    page = client.get("/policies/spam/versions/2/to/1/").text

    assert ">Added</span>" in page
    assert ">Removed</span>" not in page


def test_one_column_holds_both_sides(client, two):
    client.force_login(make_user())

    page = client.get("/policies/spam/versions/1/to/2/?look=inline").text

    assert 'class="diff inline"' in page
    assert (
        'What <del><span class="visually-hidden">(removed:) </span>this</del>'
        '<ins><span class="visually-hidden">(added:) </span>that</ins> is about.'
    ) in page


def test_the_form_leads_to_the_permanent_address(client, two):
    client.force_login(make_user())

    plain = client.get("/policies/spam/compare/", {"old": "2", "new": "1"})
    inline = client.get("/policies/spam/compare/", {"old": "1", "new": "2", "look": "inline"})

    assert (plain.status_code, plain.url) == (302, "/policies/spam/versions/2/to/1/")
    assert inline.url == "/policies/spam/versions/1/to/2/?look=inline"


def test_the_form_begins_with_the_newest_two(client, two):
    client.force_login(make_user())

    form = client.get("/policies/spam/compare/").context["form"]

    assert form.initial == {"old": 1, "new": 2}


@pytest.mark.parametrize("query", ["old=1", "old=1&new=9", "old=x&new=2", f"old=1&new={2**70}", "old=%00&new=1"])
def test_versions_that_are_not_there_are_named_beside_the_field(client, two, query):
    client.force_login(make_user())

    answer = client.get(f"/policies/spam/compare/?{query}")

    assert answer.status_code == 422
    assert 'class="field wrong"' in answer.text


@pytest.mark.parametrize("path", ["versions/1/to/9", "versions/9/to/1", "versions/1/to/99999999999999999999"])
def test_a_version_that_is_not_there_is_not_found(client, two, path):
    client.force_login(make_user())

    assert client.get(f"/policies/spam/{path}/").status_code == 404


def test_a_draft_is_compared_by_those_alone_who_may_see_it(client):
    text = make_clause(key="spam.tea")
    draft = operations.draft_clause(
        text.clause,
        wording=operations.Wording("Tea", "Other words.", "Public."),
        change_note="Clearer.",
        by=make_user(role="policy_editor"),
    )
    path = f"/policies/{draft.policy.key}"

    client.force_login(make_user(role="reviewer"))
    assert client.get(f"{path}/versions/1/to/2/").status_code == 404
    assert [value for value, _ in client.get(f"{path}/compare/").context["form"].fields["new"].choices] == [1]
    client.force_login(make_user(role="policy_approver"))
    assert client.get(f"{path}/versions/1/to/2/").status_code == 200


def test_a_version_beside_itself_says_so(client, two):
    client.force_login(make_user())

    assert "Nothing differs" in client.get("/policies/spam/versions/2/to/2/").text


def test_hostile_words_are_shown_as_words(client):
    text = make_clause(key="spam.tea", definition="Plain.")
    second = make_next(text.version, keep=[text], definition=HOSTILE, violates=[{"text": HOSTILE, "reason": HOSTILE}])
    client.force_login(make_user())

    for look in ("sides", "inline"):
        page = client.get(f"/policies/{second.policy.key}/versions/1/to/2/?look={look}").text
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page
        assert "\u202e" not in page
        assert "RLO" in page


def test_the_history_leads_to_what_each_version_changed(client, two):
    client.force_login(make_user())

    page = client.get("/policies/spam/versions/").text

    assert 'href="/policies/spam/versions/1/to/2/"' in page
    assert "/versions/0/to/1/" not in page
    assert 'href="/policies/spam/compare/"' in page


@pytest.mark.parametrize("rows", [2, 60])
def test_a_comparison_costs_the_same_with_many_clauses(client, rows, django_assert_num_queries):
    first = make_policy_version(status="draft", published_at=None)
    texts = [make_clause(version=first) for _ in range(rows)]
    publish(first)
    second = make_next(first, keep=texts[::-1], definition="Other words.")
    client.force_login(make_user())

    with django_assert_num_queries(8):
        page = client.get(f"/policies/{second.policy.key}/versions/1/to/2/").text

    assert page.count("data-row") == rows - 1

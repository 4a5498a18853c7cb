"""A policy is changed in a real Chromium: two editors, a conflict, a comment, a refusal to the author, publication."""

import pytest

from policies import operations
from policies.models import ClauseVersion, PolicyVersion, Typing
from tests.factories import make_clause, make_policy_version, make_user, publish
from tests.harness.browser import until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DRAFT = "/policies/clauses/spam.tea/draft/"


@pytest.fixture
def text() -> ClauseVersion:
    version = make_policy_version(status="draft", published_at=None)
    text = make_clause(key="spam.tea", title="Tea", definition="Old.", public_text="Do not.", version=version)
    publish(version)
    return text


def test_two_editors_change_a_clause_and_a_third_person_publishes(visitor, text):
    ana = make_user(roles=["policy_editor", "policy_approver"], name="Ana Reed")
    bo = make_user(role="policy_editor", name="Bo Lind")
    hers, his = visitor.open(DRAFT, by=ana), visitor.open(DRAFT, by=bo)

    hers.get_by_label("Definition").fill("What Ana **wrote**.")
    hers.locator("#preview strong", has_text="wrote").wait_for()
    hers.get_by_label("Why it changes").fill("It was unclear.")
    hers.get_by_role("button", name="Save the draft").click()
    hers.get_by_text("Version 2 is saved as a draft.").wait_for()

    his.get_by_label("Definition").fill("What Bo wrote.")
    his.get_by_label("Why it changes").fill("It was unclear.")
    his.get_by_role("button", name="Save the draft").click()
    his.get_by_role("heading", name="Somebody changed this clause").wait_for()
    assert his.get_by_label("Definition").input_value() == "What Bo wrote."
    assert visitor.faults(his) == []
    his.goto(DRAFT)
    row = his.get_by_role("row").filter(has=his.get_by_role("rowheader", name="Definition"))
    assert row.get_by_role("cell").all_inner_texts() == ["Old.", "What Bo wrote.", "What Ana **wrote**."]
    his.get_by_label("Definition").fill("What both wrote.")
    his.get_by_role("button", name="Save the draft").click()
    his.get_by_text("Version 2 is saved as a draft.").wait_for()
    assert not Typing.objects.exists()

    his.goto(DRAFT)
    his.locator("#notes-panel textarea").fill("Is this clear enough?")
    his.get_by_role("button", name="Save the note").click()
    his.get_by_role("button", name="as settled").click()
    his.get_by_text("Settled", exact=True).wait_for()

    version = PolicyVersion.objects.get(number=2)
    hers.goto(f"/policies/{version.policy.key}/versions/2/review/")
    hers.get_by_role("button", name="Ask for review").click()
    hers.get_by_text("Someone other than the author must publish this version.").wait_for()
    approver = visitor.open(f"/policies/{version.policy.key}/versions/2/review/", by=make_user(role="policy_approver"))
    approver.get_by_label("Your reason").fill("Clearer.")
    approver.locator("button.primary", has_text="Publish version 2").click()
    approver.get_by_text("Version 2 is in force.").wait_for()

    assert ClauseVersion.objects.get(version__status="published").definition == "What both wrote."


def test_what_is_typed_as_the_page_is_left_is_kept(visitor, text):
    page = visitor.open(DRAFT, by=make_user(role="policy_editor"))

    page.get_by_label("Definition").fill("Half a sen")
    page.goto("/policies/")
    until(page, Typing.objects.exists)
    page.goto(DRAFT)

    page.get_by_text("This is what you typed and did not save.").wait_for()
    assert page.get_by_label("Definition").input_value() == "Half a sen"


def test_the_page_of_a_draft_is_accessible(visitor, text):
    editor = make_user(role="policy_editor")
    operations.open_draft(text.version.policy, by=editor)

    page = visitor.open(f"/policies/{text.version.policy.key}/draft/", by=editor)

    assert visitor.faults_in_every_dress(page) == []

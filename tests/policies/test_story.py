"""A policy is changed in a real Chromium: two editors, a conflict, a comment, a refusal to the author, publication.

Then a reviewer reads what changed, says so, and judges by the new words; what they judged before shows the old ones.
"""

import pytest

from incidents.queues import operations as queues
from incidents.review.models import Decision
from policies import operations
from policies.models import Acknowledgement, ClauseVersion, PolicyVersion, Typing
from tests.factories import make_clause, make_decision, make_policy_version, make_queue, make_user, publish
from tests.harness.browser import until
from tests.review.stage import make_waiting

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DRAFT = "/policies/clauses/spam.tea/draft/"


@pytest.fixture
def text() -> ClauseVersion:
    version = make_policy_version(status="draft", published_at=None)
    text = make_clause(key="spam.tea", title="Tea", definition="Old.", public_text="Do not.", version=version)
    publish(version)
    return text


def test_a_clause_goes_from_two_editors_to_a_third_person_and_to_a_reviewer(visitor, text):
    cy = make_user(name="Cy Moss")
    operations.acknowledge(text.version, by=cy)
    old = make_decision(by=cy, violations=[{"clause": text}])
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
    his.get_by_role("heading", name="Somebody changed this while").wait_for()
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

    new = ClauseVersion.objects.get(version__status="published")
    assert new.definition == "What both wrote."

    reader = visitor.open("/", by=cy)
    reader.get_by_text("1 policy changed since you last read it.").wait_for()
    reader.goto(f"/policies/{version.policy.key}/")
    reader.keyboard.press("v")
    reader.wait_for_url("**/versions/1/to/2/")
    assert reader.locator("ins").all_inner_texts()
    assert reader.locator("del").all_inner_texts()
    reader.keyboard.press("y")
    reader.get_by_text("It is noted that you read and understood version 2.").wait_for()
    assert visitor.faults(reader) == []
    assert Acknowledgement.objects.filter(person=cy).count() == 2

    queue = make_queue()
    waiting = make_waiting(queue)
    queues.claim(queue, by=cy)
    reader.goto(f"/items/{waiting.item_id}/")
    reader.keyboard.press("r")
    reader.keyboard.press("0")
    reader.keyboard.type("spam.tea")
    reader.keyboard.press("Enter")
    reader.get_by_text("Recommended for the actor:").wait_for()
    reader.keyboard.press("Enter")
    reader.wait_for_url("**/queues/")
    reader.get_by_text(f"Item {waiting.item_id} decided").wait_for()
    assert Decision.objects.get(item=waiting.item_id).violations.get().clause == new

    reader.goto(f"/items/{old.item_id}/")
    reader.get_by_role("link", name="Tea", exact=True).first.click()
    reader.wait_for_url("**/clauses/spam.tea/versions/1/")
    reader.get_by_text("Old.", exact=True).wait_for()
    reader.get_by_text("You are reading version 1, which is retired.").wait_for()


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

"""What a clause recommends may step up with strikes: both shapes are read, in one place, and written in the form."""

import pytest

from policies import operations, queries, steps
from policies.clause_form import raw_of_text
from policies.files import clauses
from policies.files.faults import Fault
from policies.models import ClauseVersion
from policies.texts import Step
from tests.factories import make_clause, make_policy_version, make_user, publish
from tests.policies.texts import make_text
from trust.refusals import Refused

DRAFT = "/policies/clauses/spam.tea/draft/"
HELD = {
    "1": "notice",
    "2": [{"from_strikes": 0, "kind": "none"}, {"from_strikes": 2, "kind": "warning"}],
    "3": [
        {"from_strikes": 0, "kind": "warning"},
        {"from_strikes": 3, "kind": "suspension"},
        {"from_strikes": 6, "kind": "ban"},
    ],
}


@pytest.fixture
def text(db) -> ClauseVersion:
    version = make_policy_version(status="draft", published_at=None)
    text = make_clause(key="spam.tea", title="Tea", public_text="Do not.", version=version, recommended=HELD)
    publish(version)
    return text


@pytest.fixture
def editor(client):
    editor = make_user(role="policy_editor")
    client.force_login(editor)
    return editor


def form_of(text, **changes) -> dict[str, str]:
    return {**raw_of_text(text, change_note=""), "change_note": "Why.", **changes}


@pytest.mark.parametrize(
    ("level", "strikes", "kind"),
    [
        (0, 9, "none"),
        (1, 0, "notice"),
        (1, 9, "notice"),
        (2, 1, "none"),
        (2, 2, "warning"),
        (3, 2, "warning"),
        (3, 3, "suspension"),
        (3, 5, "suspension"),
        (3, 6, "ban"),
    ],
)
def test_a_clause_recommends_by_severity_and_strikes(level, strikes, kind):
    assert steps.at(HELD, level, strikes=strikes).kind == kind


def test_what_has_no_steps_is_held_as_it_always_was():
    first, further = zip(
        *((found[0].kind, found[1:]) for found in (steps.read(HELD, n) for n in range(5))), strict=True
    )

    assert steps.write(first, further) == {"0": "none", "4": "none", **HELD}


def test_the_page_of_a_clause_tells_the_steps(client, text, editor):
    page = client.get("/policies/clauses/spam.tea/").text

    assert "Warning; from 3 strikes Suspension; from 6 strikes Ban" in page
    assert "<td>Notice</td>" in page
    assert queries.rungs(text)[0].steps_told == ""


def test_steps_are_written_in_the_form_and_shown_to_the_approver(client, text, editor):
    changes = {"steps_1_0_strikes": "4", "steps_1_0_kind": "quota", "steps_3_1_strikes": "", "steps_3_1_kind": ""}

    response = client.post(DRAFT, form_of(text, **changes))

    assert response.status_code == 302
    saved = ClauseVersion.objects.get(version__status="draft")
    assert steps.read(saved.recommended, 1) == (Step(0, "notice"), Step(4, "quota"))
    assert steps.read(saved.recommended, 3) == (Step(0, "warning"), Step(3, "suspension"))
    assert saved.recommended["4"] == "none"
    review = client.get(response.url).text
    assert "From more strikes at S1" in review
    assert "from 4 strikes Quota" in review
    assert "Recommended action changed" in review


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"steps_1_0_kind": "quota"}, "steps_1_0_strikes"),
        ({"steps_1_0_strikes": "3"}, "steps_1_0_kind"),
        ({"steps_1_0_strikes": "0", "steps_1_0_kind": "quota"}, "steps_1_0_strikes"),
        ({"steps_1_0_strikes": "100", "steps_1_0_kind": "quota"}, "steps_1_0_strikes"),
        ({"steps_1_0_strikes": "three", "steps_1_0_kind": "quota"}, "steps_1_0_strikes"),
        ({"steps_1_0_strikes": "3", "steps_1_0_kind": "notice"}, "steps_1_0_strikes"),
        ({"steps_3_1_strikes": "3"}, "steps_3_1_strikes"),
        ({"steps_3_1_kind": "quota"}, "steps_3_1_strikes"),
        ({"steps_1_0_strikes": "3", "steps_1_0_kind": "applause"}, "steps_1_0_kind"),
    ],
)
def test_steps_that_lead_nowhere_are_told_beside_their_field(client, text, editor, changes, field):
    response = client.post(DRAFT, form_of(text, **changes))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert f'id="id_{field}_error"' in response.text


def test_what_no_step_can_be_is_refused_whoever_sends_it(text, editor):
    wording = operations.Wording(
        title="T", definition="D", public_text="P", recommended={"1": [{"from_strikes": 0, "kind": "applause"}]}
    )

    with pytest.raises(Refused, match="no enforcement"):
        operations.draft_clause(text.clause, wording=wording, change_note="Why.", by=editor)


def test_files_hold_steps_below_their_severity_and_read_one_enforcement_as_before():
    told = clauses.render(make_text(steps=((), (), (), (Step(3, "ban"),), ())), ())

    assert "  S2: warning\n  S3:\n    0: suspension\n    3: ban\n  S4: ban\n" in told
    assert clauses.parse(told).text.steps[3] == (Step(3, "ban"),)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("    3: ban", "begin at 0"),
        ("    0: warning\n    0x3: ban", "whole number"),
        ("    0: warning\n    03: ban", "whole number"),
        ("    0: warning\n    4: quota\n    3: ban", "more than the one before"),
        ("    0: warning\n    3: applause", "must be one of"),
        ("    0: [warning]", "must be one of"),
    ],
)
def test_steps_that_cannot_be_read_are_told_with_their_line(written, why):
    told = clauses.render(make_text(), ()).replace("  S3: suspension", f"  S3:\n{written}")

    with pytest.raises(Fault, match=why) as fault:
        clauses.parse(told)

    assert fault.value.line in {9, 10, 11}

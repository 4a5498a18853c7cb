"""What actors are told: by which template, in which words, and frozen as it was said."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import translation

from incidents.enforcement import operations, statements, telling
from incidents.enforcement.models import Statement, StatementTemplate
from policies.models import PolicyVersion
from tests.enforcement.factories import approve, make_finding, propose, propose_warning
from tests.factories import (
    NOW,
    make_actor,
    make_clause,
    make_decision,
    make_generation,
    make_item,
    make_policy_version,
    make_user,
    publish,
)
from tests.harness.browser import Visitor
from tests.outgoing.factories import make_endpoint
from trust.audit.models import AuditEvent
from trust.outgoing.models import Message
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

OWN = "Told: {kind}. Rules: {rules} Appeal: {appeal_url}"


@pytest.fixture
def editor():
    return make_user(role="policy_editor")


@pytest.fixture
def clause():
    return make_clause(public_text="No mills that write reviews for money.")


def write(version, text=OWN, *, by, language="en", based_on=0) -> StatementTemplate:
    return operations.write_template(version, language, text, based_on=based_on, by=by)


def act(clause=None, *, language="en", severity=2, **fields):
    """Approve a suspension that rests on a finding about a text in ``language``."""
    actor = make_actor()
    generation = make_generation(actor=actor, language=language)
    item = make_item(generation=generation, status="closed", verdict="violating", closed_at=NOW)
    finding = make_decision(item=item, violations=[{"clause": clause or make_clause(), "severity": severity}])
    return approve(propose(actor, decisions=[finding], **fields))


def retire(version) -> None:
    PolicyVersion.objects.filter(pk=version.pk).update(
        status="retired", retired_at=version.published_at + timedelta(days=1)
    )


def address(version, language="en") -> str:
    return f"/policies/{version.policy.key}/statement/?language={language}"


# ── What is said ─────────────────────────────────────────


def test_without_a_template_our_own_says_what_why_and_how_to_appeal(clause, settings):
    settings.ORGANISATION_NAME = "Acme Safety"

    action = act(clause, severity=3)

    text = action.statement.text
    assert (action.statement.language, action.statement.template) == ("en", None)
    assert "Suspension, 30 days" in text
    assert "No mills that write reviews for money." in text
    assert "Findings: 1 finding. Gravest severity: S3 serious. Two people decided it." in text
    assert "You need no account: {appeal_url}" in text
    assert f"Acme Safety, decision {action.pk}" in text


@pytest.mark.parametrize(("tag", "language"), [("de-AT", "de"), ("DE", "de"), ("fr", "en"), ("", "en")])
def test_they_are_told_in_the_language_of_what_they_wrote_if_we_have_it(clause, tag, language):
    statement = act(clause, language=tag).statement

    assert statement.language == language
    assert ("Ihr Konto" in statement.text) == (language == "de")


def test_one_person_alone_and_no_finding_are_said_too():
    lead = make_user(role="lead")

    text = approve(propose_warning(by=lead), by=lead).statement.text

    assert "A person decided it." in text
    assert "No single rule was named." in text
    assert "Gravest severity: not rated." in text


def test_a_template_holds_for_its_version_and_later_ones_of_its_policy_and_language(clause, editor):
    write(clause.version, by=editor)
    policy = clause.version.policy
    later = make_policy_version(policy=policy, number=2, status="draft", published_at=None)
    renewed = make_clause(version=later, clause=clause.clause, public_text="No mills at all.")
    retire(clause.version)
    publish(later)

    assert act(renewed).statement.text.startswith("Told: Suspension, 30 days. Rules: No mills at all.")
    assert act(clause).statement.text.startswith("Told:")
    assert not act(clause, language="de").statement.text.startswith("Told:")
    assert not act(make_clause()).statement.text.startswith("Told:")

    write(later, "Newer: {kind} {appeal_url}", by=editor)

    assert act(renewed).statement.text.startswith("Newer:")
    assert act(clause).statement.text.startswith("Told:")


def test_an_empty_template_goes_back_to_our_own(clause, editor):
    first = write(clause.version, by=editor)
    write(clause.version, "", by=editor, based_on=first.pk)

    assert act(clause).statement.text.startswith("We made a decision")


def test_what_stands_in_a_value_is_not_looked_at_again(editor):
    clause = make_clause(public_text="Say {kind}, {appeal_url} or {nonsense} <b>.")
    write(clause.version, by=editor)
    make_endpoint()

    text = act(clause).statement.text

    assert "Say {kind}, appeal_url or {nonsense} <b>." in text
    assert text.count("{appeal_url}") == 1


def test_the_message_has_the_link_and_no_table_but_its_own(clause):
    make_endpoint()

    action = act(clause)

    data = Message.objects.get().payload["data"]
    assert data["appeal_url"] in data["statement"]["text"]
    assert data["statement"]["language"] == "en"
    assert "/appeal/" not in action.statement.text


def test_it_is_frozen_whatever_is_written_later(clause, editor):
    action = act(clause)
    before = action.statement.text
    write(clause.version, by=editor)

    assert Statement.objects.get(enforcement=action).text == before
    for statement in ("update enforcement_statement set text = 'x'", "delete from enforcement_statement"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_no_content_and_no_name_is_told(clause):
    lead = make_user(role="lead", name="Perpetua Quill")
    actor = make_actor()
    finding = make_finding(actor, clause=clause, note="A very own note.")

    action = approve(propose(actor, decisions=[finding], reason="A very own reason."), by=lead)

    words = [message["content"] for message in finding.item.generation.content.messages]
    said = [*words, "Perpetua", "very own", actor.external_id, lead.pseudonym]
    assert [word for word in said if word in action.statement.text] == []


# ── Templates ────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{kind} {appeal_url} {quote}", "{quote}"),
        ("{kind} {appeal_url} {}", "{}"),
        ("{kind} {appeal_url} {kind.__class__}", "{kind.__class__}"),
        ("{kind}", "{appeal_url}"),
        ("Hello {appeal_url}", "{kind}"),
    ],
)
def test_a_placeholder_that_is_unknown_or_missing_is_named_beside_the_field(client, clause, editor, text, why):
    client.force_login(editor)

    answer = client.post(address(clause.version), {"text": text, "based_on": 0, "save": 1})

    assert answer.status_code == 422
    assert why in answer.context["form"].errors["text"][0]
    with pytest.raises(Refused):
        write(clause.version, text, by=editor)
    assert not StatementTemplate.objects.exists()


def test_an_editor_sees_it_filled_in_then_saves_it(client, clause, editor):
    client.force_login(editor)

    seen = client.post(address(clause.version), {"text": f"<i>{OWN}", "based_on": 0})
    saved = client.post(address(clause.version), {"text": f"<i>{OWN}", "based_on": 0, "save": 1})

    page = seen.content.decode()
    assert "&lt;i&gt;Told: Suspension, 30 days" in page
    assert "<i>" not in page
    assert saved.status_code == 302
    made = StatementTemplate.objects.get()
    assert (made.text, made.by, made.language) == (f"<i>{OWN}", editor, "en")
    assert AuditEvent.objects.about(clause.version).get(kind="statement.template_written").by == editor


def test_what_somebody_else_saved_in_the_meantime_is_not_written_over(clause, editor):
    write(clause.version, by=editor)

    with pytest.raises(Refused, match="in the meantime"):
        write(clause.version, "Mine: {kind} {appeal_url}", by=editor)


def test_only_editors_write_and_only_under_the_version_in_force(client, clause, editor):
    lead = make_user(role="lead")
    client.force_login(lead)

    with pytest.raises(Refused, match="Only policy editors"):
        write(clause.version, by=lead)
    assert client.get(address(clause.version)).status_code == 200
    assert client.post(address(clause.version), {"text": OWN, "based_on": 0, "save": 1}).status_code == 403
    assert client.get("/policies/nothing/statement/").status_code == 404
    retire(clause.version)
    with pytest.raises(Refused, match="not in force"):
        write(clause.version, by=editor)


@pytest.mark.parametrize("language", ["en", "de"])
def test_our_own_templates_pass_their_own_rule_in_every_language(language):
    text = statements.default_in(language)

    assert statements.refusal_of_template(text) is None
    assert all(f"{{{name}}}" in text for name in statements.PLACEHOLDERS)
    with translation.override("de"):
        assert statements.default_in("en").startswith("We made")


# ── Where it stands ──────────────────────────────────────


def test_the_page_of_an_action_says_it_before_and_after_and_keeps_the_link(client, clause):
    actor, lead = make_actor(), make_user(role="lead")
    action = propose(actor, decisions=[make_finding(actor, clause=clause)])
    client.force_login(lead)

    before = client.get(action.get_absolute_url()).content.decode()
    approve(action, by=lead)
    after = client.get(action.get_absolute_url()).content.decode()

    for page in (before, after):
        assert "No mills that write reviews for money." in page
        assert "Two people decided it." in page
        assert "the link by which they appeal" in page
        assert "/appeal/" not in page.partition('id="told"')[2].partition("</div>")[0]


def test_what_was_told_is_what_would_be_told(clause):
    actor = make_actor()
    action = propose(actor, decisions=[make_finding(actor, clause=clause)])
    approved = approve(action)

    told = telling.told_of(approved, since=approved.approved_at, until=approved.ends_at)

    assert told.text == approved.statement.text


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_an_editor_writes_what_actors_are_told_by_keyboard(visitor: Visitor):
    clause, editor = make_clause(), make_user(role="policy_editor")
    page = visitor.open(address(clause.version), by=editor)

    page.keyboard.press("n")
    page.keyboard.type("{kind} {quote}")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    page.wait_for_selector("text=There is no placeholder {quote}")
    assert visitor.faults_in_every_dress(page) == []
    page.fill("textarea", OWN)
    page.keyboard.press("Escape")
    page.keyboard.press("s")

    page.wait_for_selector("text=Saved so far")
    assert StatementTemplate.objects.get().text == OWN

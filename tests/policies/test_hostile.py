"""Hostile text in every field of a guideline: shown as it was typed, on every page, and nothing comes of it."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from itertools import cycle, islice, pairwise
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from policies import exports, operations
from policies.clause_form import raw_of_text
from policies.files import folders
from policies.models import ClauseVersion, Mapping, PolicyVersion
from tests.factories import (
    NOW,
    make_clause,
    make_decision,
    make_policy,
    make_policy_version,
    make_user,
    publish,
)
from tests.policies import hostile
from tests.statistics.made import make_counted
from trust import clock, markdown
from trust.notes import operations as notes, registry
from trust.permissions import Role
from trust.spreadsheets import harmless

WIDE = """() => [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth)
  .map(e => e.outerHTML.slice(0, 90)).slice(0, 12)"""
HOSTILE_NAME = hostile.SHORT[0]


def make_hostile_clause(version: PolicyVersion, number: int, **fields: Any) -> ClauseVersion:
    """A clause with another hostile text in each field: over all clauses, each text comes into each field."""
    texts = list(islice(cycle(hostile.LONG), number, number + len(hostile.LONG)))
    pairs = [
        {"text": text[:2_000], "reason": reason[:2_000]} for text, reason in zip(texts, reversed(texts), strict=True)
    ]
    return make_clause(
        version=version,
        title=hostile.SHORT[number % len(hostile.SHORT)],
        definition=texts[0],
        public_text=texts[1],
        violates=pairs,
        does_not_violate=pairs[::-1],
        ladder=[text[:1_000] for text in texts[2:7]],
        unmapped_reason=texts[7][:2_000],
        **fields,
    )


class Stage:
    """A policy in force and its next draft, hostile throughout, with all that people say about them."""

    def __init__(self) -> None:
        self.everyone = make_user(roles=list(Role.values), name=HOSTILE_NAME)
        editor = make_user(role="policy_editor", name=hostile.SHORT[1])
        policy = make_policy(key="spam")
        self.first = make_policy_version(policy=policy, status="draft", published_at=None, **self._about(0))
        for number in range(len(hostile.LONG)):
            make_hostile_clause(self.first, number, key=f"spam.rule_{number}")
        publish(self.first)
        self.draft = operations.open_draft(policy, by=editor)
        PolicyVersion.objects.filter(pk=self.draft.pk).update(**self._about(1))
        self.texts = list(self.draft.clauses.select_related("clause").order_by("position"))
        for number, text in enumerate(self.texts):
            fresh = list(islice(cycle(hostile.LONG), number + 3, number + 5))
            text.definition, text.public_text = fresh
            text.save(update_fields=["definition", "public_text"])
            notes.write(registry.subject("clause", text.pk), text=hostile.LONG[number][:2_000], by=editor)
        self.gaps = [operations.join_gap(text, by=None) for text in hostile.SHORT]
        operations.own_gap(self.gaps[0], owner=editor, by=editor)
        for gap, reason in zip(self.gaps[1:], hostile.SHORT, strict=False):
            operations.close_gap(gap, reason=reason, by=editor)
        for gap, reason in zip(self.gaps[2:], hostile.LONG, strict=False):
            operations.reopen_gap(gap, reason=reason[:2_000], by=editor)
        operations.acknowledge(self.first, by=self.everyone)
        operations.propose_retirement(self.first, reason=hostile.LONG[8][:500], by=editor)
        self.in_force = self.first.clauses.select_related("clause").order_by("position")[0]
        for text in hostile.SHORT:
            Mapping.objects.create(
                clause=self.in_force.clause, taxonomy=text[:60], taxonomy_version="1", category=text[:120]
            )
        self.decision = make_decision(by=self.everyone, violations=[{"clause": self.in_force}])

    @staticmethod
    def _about(number: int) -> dict[str, Any]:
        return {
            "title": hostile.SHORT[number],
            "summary": "\n\n".join(hostile.LONG)[:2_000] if number else hostile.LONG[10],
            "change_note": hostile.LONG[number + 9][:1_000],
            "definitions": [
                {"term": term, "meaning": meaning[:2_000]}
                for term, meaning in zip(hostile.SHORT, hostile.LONG[number:], strict=False)
            ],
        }

    def addresses(self) -> list[str]:
        keys = [text.clause.key for text in self.texts[::5]]
        return [
            "/policies/",
            "/policies/spam/",
            "/policies/spam/versions/",
            "/policies/spam/versions/1/",
            "/policies/spam/versions/2/",
            "/policies/spam/versions/2/review/",
            "/policies/spam/versions/1/to/2/",
            "/policies/spam/versions/1/to/2/?look=inline",
            "/policies/spam/versions/2/to/1/",
            "/policies/spam/compare/",
            "/policies/spam/draft/",
            "/policies/spam/readers/",
            "/policies/spam/retirement/",
            "/policies/spam/versions/2/impact/",
            "/policies/gaps/",
            "/policies/categories/",
            "/policies/categories/taxonomies/",
            "/audit/",
            "/statistics/?across=clause",
            "/statistics/?under=spam/1",
            "/guidelines/",
            "/guidelines/spam/",
            f"/items/{self.decision.item_id}/",
            *(f"/policies/gaps/{gap.pk}/" for gap in self.gaps),
            *(f"/policies/clauses/{key}/" for key in keys),
            *(f"/policies/clauses/{key}/draft/" for key in keys),
            *(f"/notes/clause/{text.pk}/" for text in self.texts[::5]),
        ]


@pytest.mark.django_db
def test_no_page_of_a_hostile_policy_holds_an_element_or_an_address_of_its_own(client):
    stage = Stage()
    client.force_login(stage.everyone)

    found = {}
    for address in stage.addresses():
        answer = client.get(address)
        found[address] = [answer.status_code] if answer.status_code != 200 else hostile.faults(answer.text)

    assert {address: faults for address, faults in found.items() if faults} == {}

    for text in stage.texts[::5]:
        raw = raw_of_text(text, change_note=hostile.LONG[8][:1_000])
        preview = client.post(f"/policies/clauses/{text.clause.key}/draft/preview/", raw)
        refused = client.post(f"/policies/clauses/{text.clause.key}/draft/", raw | {"title": ""})
        assert (preview.status_code, hostile.faults(preview.text)) == (200, [])
        assert (refused.status_code, hostile.faults(refused.text)) == (422, [])
    exported = client.get("/policies/spam/versions/1/export.zip")
    assert exported["Content-Type"] == "application/zip"
    assert exported["Content-Disposition"].startswith("attachment")


@pytest.mark.django_db
def test_files_of_a_hostile_policy_say_exactly_what_it_says_and_their_preview_is_harmless(client, tmp_path):
    stage = Stage()
    for number, text in enumerate(stage.texts):
        texts = list(islice(cycle(hostile.OF_FILES), number, number + 9))
        text.title, text.definition, text.public_text, text.unmapped_reason = texts[:4]
        text.violates = [{"text": one, "reason": other} for one, other in pairwise(texts)]
        text.ladder = texts[4:]
        text.save()
    terms = [{"term": term.strip(), "meaning": term} for term in hostile.OF_FILES]
    about = {"title": hostile.OF_FILES[0], "summary": hostile.OF_FILES[6], "change_note": hostile.OF_FILES[9]}
    PolicyVersion.objects.filter(pk=stage.draft.pk).update(**about, definitions=terms)
    client.force_login(stage.everyone)

    for number in (1, 2):
        exported = client.get(f"/policies/spam/versions/{number}/export.zip").content
        with ZipFile(BytesIO(exported)) as archive:
            archive.extractall(tmp_path / str(number))
        version = PolicyVersion.objects.select_related("policy").get(policy__key="spam", number=number)
        assert folders.load(tmp_path / str(number)) == exports.documents_of([version])
        sent = SimpleUploadedFile("a.zip", exported, content_type="application/zip")
        preview = client.post("/policies/import/", {"archive": sent})
        assert preview.status_code in {200, 422}
        assert hostile.faults(preview.text) == []


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["across=clause", "across=policy", "under=spam/2"])
def test_no_cell_of_a_file_of_statistics_is_a_formula(client, query):
    first = make_policy_version(policy=make_policy(key="spam"), status="draft", published_at=None, title="=1+1")
    texts = [make_clause(version=first, title=title) for title in hostile.OF_FILES]
    publish(first)
    for text in texts:
        make_counted(violations=[{"clause": text}])
    PolicyVersion.objects.filter(pk=first.pk).update(status="retired", retired_at=NOW)
    second = make_policy_version(policy=first.policy, number=2, status="draft", published_at=None, title="@A1")
    for text in texts[::2]:
        make_clause(version=second, clause=text.clause, title=f"={text.title}")
    publish(second)
    client.force_login(make_user(role="analyst"))

    with clock.at(NOW):
        table = client.get(f"/statistics/export.csv?view=exact&{query}").content.decode()

    cells = [cell for row in csv.reader(StringIO(table)) for cell in row]
    assert any("HYPERLINK" in cell or "1+1" in cell for cell in cells) or query == "across=policy"
    assert [cell for cell in cells if harmless(cell) != cell] == []


@pytest.mark.parametrize("text", hostile.LONG, ids=range(len(hostile.LONG)))
def test_hostile_markdown_is_no_link_image_table_or_html(text):
    for html in (markdown.block(text), markdown.inline(text)):
        page = hostile.Page(str(html))
        assert page.faults == []
        assert all(f"<{element}" not in html for element in ("a ", "img", "table", "script", "svg", "iframe", "style"))


@pytest.mark.parametrize("text", ["- a\n" * 5_000, "*_a_* " * 3_000, "- - - - - a\n" * 1_500, "# a\n" * 5_000])
def test_a_text_of_marks_alone_stands_as_typed_and_costs_no_more_than_words(text):
    shown = markdown.block(text[: markdown.LONGEST])

    assert all(element not in shown for element in ("<ul", "<ol", "<em", "<h3"))
    assert shown.startswith("<p>")


def test_a_long_list_of_a_guideline_is_still_a_list():
    text = "\n".join(f"- The **{n}th** case of those that are meant here." for n in range(200))

    assert markdown.block(text).count("<li>") == 200


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_nothing_hostile_runs_asks_or_leaves_in_a_browser(visitor):
    stage, asked, dialogs = Stage(), [], []
    page = visitor.open("/policies/spam/", by=stage.everyone)
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))

    key = stage.texts[0].clause.key
    for address in [
        *stage.addresses()[1:8],
        f"/policies/clauses/{key}/",
        f"/policies/clauses/{key}/draft/",
        f"/policies/gaps/{stage.gaps[0].pk}/",
    ]:
        page.goto(address)
        page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true })")
        assert visitor.quiet_faults(page) == [], (address, page.evaluate(WIDE))

    assert [address for address in asked if not address.startswith(visitor.address)] == []
    assert (dialogs, visitor.console) == ([], [])

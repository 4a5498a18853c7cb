"""What came with a message: said in words, covered, never followed; of what is restricted neither name nor address."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import (
    make_alert,
    make_api_key,
    make_clearance,
    make_generation,
    make_item,
    make_queue,
    make_round,
    make_user,
)
from tests.harness.browser import Visitor

ADDRESS = "https://evil.example/x.png?<img src=x onerror=alert(1)>"
ATTACHMENT = {
    "kind": "image",
    "media_type": "image/png\u202e",
    "sha256": "a1" * 32,
    "size": 12345,
    "name": "<b>leaf</b>.png",
    "address": ADDRESS,
}
MESSAGES = [
    {"role": "user", "content": "What is this?", "attachments": [ATTACHMENT, {"kind": "file"}]},
    {"role": "assistant", "content": "A leaf."},
]


def make_held(person, **fields):
    generation = make_alert(generation=make_generation(messages=MESSAGES, **fields)).generation
    queue = make_queue(restricted_category="child_safety" if fields.get("restricted") else "")
    return make_round(item=make_item(generation=generation), queue=queue, lease_by=person)


@pytest.mark.django_db
def test_attachments_stand_covered_on_the_items_page_and_lead_nowhere(client):
    person = make_user()
    client.force_login(person)

    page = client.get(f"/items/{make_held(person).item_id}/").content.decode()

    cover = page[page.index("2 attachments: image, file.") :]
    assert "12,345 bytes" in cover
    assert "a1" * 32 in cover
    assert "&lt;b&gt;leaf&lt;/b&gt;.png" in cover
    assert "https://evil.example/x.png?&lt;img" in cover
    assert "<b>leaf" not in page
    assert not re.search(r'(?:href|src)="[^"]*evil', page)
    assert len(re.findall(r'<details class="covered"(?! open)', page)) == 3


@pytest.mark.django_db
def test_of_a_restricted_attachment_neither_name_nor_address_is_in_the_page(client):
    person = make_user()
    make_clearance(person)
    client.force_login(person)

    page = client.get(f"/items/{make_held(person, restricted=True).item_id}/").content.decode()

    assert "2 attachments: image, file." in page
    assert "a1" * 32 in page
    assert "evil.example" not in page
    assert "leaf" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("restricted", [False, True])
def test_the_api_gives_attachments_with_their_message(client, restricted):
    person = make_user()
    make_clearance(person)
    _key, text = make_api_key(
        "review",
        "content:read",
        owner=person,
        approved_by=make_user(role="admin"),
        expires_at=timezone.now() + timedelta(days=1),
    )
    held = make_held(person, restricted=restricted)

    messages = client.get(f"/api/v1/items/{held.item_id}", headers={"Authorization": f"Bearer {text}"}).json()[
        "messages"
    ]

    told = {"name": "", "address": ""} if restricted else {}
    bare = {"kind": "file", "media_type": "", "sha256": "", "size": None, "name": "", "address": ""}
    assert messages[0]["attachments"] == [ATTACHMENT | told, bare]
    assert messages[1]["attachments"] == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_attachments_are_revealed_by_key_and_cannot_be_quoted(visitor: Visitor):
    person = make_user()
    page = visitor.open(f"/items/{make_held(person).item_id}/", by=person)
    foreign: list[str] = []
    page.on("request", lambda request: foreign.append(request.url) if "evil" in request.url else None)

    page.keyboard.press("r")

    assert "evil.example/x.png" in page.locator("[data-attached] details[open]").inner_text()
    assert visitor.faults_in_every_dress(page) == []
    assert foreign == []
    assert page.locator("[data-attached] a, [data-attached] img").count() == 0

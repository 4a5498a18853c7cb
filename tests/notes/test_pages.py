import uuid

import pytest

from tests.factories import make_item, make_note, make_user, make_withdrawal
from tests.notes.stage import held_by
from trust.notes.models import MentionToRead, Note

pytestmark = pytest.mark.django_db

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def lead(client):
    person = make_user(role="lead", name="Lena Brandt")
    client.force_login(person)
    return person


def address(item, *parts: str) -> str:
    return "/".join(["/notes/item", str(item.pk), *parts, ""])


def send(client, item, text, *, headers=FRAGMENT, **fields):
    return client.post(address(item, "write"), {"text": text, "form": uuid.uuid4(), **fields}, headers=headers)


def test_the_item_page_fetches_the_notes_and_links_to_them(client, lead):
    item = make_item()

    page = client.get(f"/items/{item.pk}/").content.decode()

    assert f'<div id="notes-panel" hx-get="{address(item)}" hx-trigger="load"' in page
    assert f'<a class="button" href="{address(item)}">Notes</a>' in page


def test_notes_stand_oldest_first_with_what_became_of_them(client, lead):
    item = make_item()
    first = make_note(item, by=lead, text="First words.")
    make_note(item, by=lead, amends=first, text="Better words.")
    make_withdrawal(make_note(item, text="Wrong words."))

    page = client.get(address(item), headers=FRAGMENT).content.decode()

    assert page.index("First words.") < page.index("Better words.")
    assert "Amended since" in page
    assert "took this note back" in page
    assert "Wrong words." not in page


def test_text_is_escaped_keeps_its_lines_and_is_never_linked(client, lead):
    item = make_item()
    text = "<script>alert(1)</script>\nhttps://evil.example/ \u202egnp.exe"

    page = send(client, item, text).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\nhttps://evil.example/" in page
    assert 'href="https://evil' not in page
    assert "RLO" in page


def test_a_fragment_comes_back_with_the_note_and_an_empty_form(client, lead):
    page = send(client, make_item(), "Seen in March.").content.decode()

    assert page.count("Seen in March.") == 1
    assert 'tabindex="-1" data-focus' in page


def test_without_script_the_form_leads_to_the_notes_page(client, lead):
    item = make_item()

    answer = send(client, item, "Seen in March.", headers={})

    assert (answer.status_code, answer["Location"]) == (302, address(item))
    page = client.get(address(item)).content.decode()
    assert "Seen in March." in page
    assert f'<h1 tabindex="-1">Notes on Item {item.pk}</h1>' in page


@pytest.mark.parametrize("headers", [{}, FRAGMENT])
def test_an_error_stands_beside_the_field_with_what_was_typed(client, lead, headers):
    answer = send(client, make_item(), "@nobody, look", headers=headers)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert '<span class="why" id="notes_text_error">Nobody here is called “@nobody”' in page
    assert "@nobody, look</textarea>" in page
    assert not Note.objects.exists()


@pytest.mark.parametrize(
    "fields", [{"form": "x"}, {"amends": "x"}, {"amends": "-1"}, {"text": "x" * 2001}, {"text": ""}]
)
def test_a_spoiled_form_is_told_so(client, lead, fields):
    item = make_item()

    answer = client.post(address(item, "write"), {"text": "Hello.", "form": uuid.uuid4(), **fields})

    assert answer.status_code == 422
    assert not Note.objects.exists()


def test_2000_characters_on_lines_as_a_browser_sends_them_fit(client, lead):
    text = "x\r\n" * 999 + "yz"

    assert send(client, make_item(), text).status_code == 200


def test_sent_twice_it_is_one_note(client, lead):
    item, form = make_item(), uuid.uuid4()

    for _time in range(2):
        assert send(client, item, "Once.", form=form).status_code == 200

    assert Note.objects.count() == 1


def test_ones_own_note_comes_back_into_the_form_to_be_amended(client, lead):
    item = make_item()
    own, other = make_note(item, by=lead, text="Frist."), make_note(item, text="Theirs.")

    page = client.get(f"{address(item)}?amend={own.pk}").content.decode()
    assert "Frist.</textarea>" in page
    assert f'name="amends" value="{own.pk}"' in page
    for strange in (other.pk, "x", "9" * 18, ""):
        assert (
            'value="' not in client.get(f"{address(item)}?amend={strange}").content.decode().partition("amends")[2][:12]
        )

    send(client, item, "First.", amends=own.pk)
    assert Note.objects.get(amends=own).text == "First."


def test_a_refused_amendment_says_why_and_keeps_the_text(client, lead):
    item = make_item()

    answer = send(client, item, "Mine now.", amends=make_note(item).pk)

    assert answer.status_code == 422
    assert "You can amend only your own notes." in answer.content.decode()
    assert "Mine now.</textarea>" in answer.content.decode()


def test_taking_back_answers_with_the_list(client, lead):
    item = make_item()
    note = make_note(item, by=lead, text="Wrong words.")

    page = client.post(f"/notes/{note.pk}/take-back/", headers=FRAGMENT).content.decode()

    assert "took this note back" in page
    assert "Wrong words." not in page


def test_a_note_on_what_one_may_not_open_is_not_found(client):
    client.force_login(make_user())
    note = make_note(make_item())

    assert client.post(f"/notes/{note.pk}/take-back/").status_code == 404
    assert client.get("/notes/galaxy/1/").status_code == 404
    assert client.get(f"/notes/item/{'9' * 30}/").status_code == 404


def test_the_newest_fifty_are_shown_and_lead_to_earlier_ones(client, lead):
    item = make_item()
    for number in range(51):
        make_note(item, by=lead, text=f"Note number {number}.")

    page = client.get(address(item)).content.decode()
    earlier = page.partition(f'href="{address(item)}?cursor=')[2].partition('"')[0]
    second = client.get(f"{address(item)}?cursor={earlier}").content.decode()

    assert "Note number 50." in page
    assert "Note number 0." not in page
    assert "Note number 0." in second
    assert "Newest notes" in second


def test_those_who_may_open_it_are_offered_and_nobody_else(client, lead):
    reviewer = make_user(name="Ana Ruiz")
    make_user(role="lead", name="Una Holm")
    make_user(name="Bo Lind")
    item = held_by(reviewer)

    page = client.get(address(item)).content.decode().partition("May be mentioned:")[2].partition("</p>")[0]

    assert "Ana Ruiz" in page
    assert "Una Holm" in page
    assert "Bo Lind" not in page
    assert lead.name not in page


def test_the_same_number_of_queries_for_2_notes_and_for_60(client, lead, django_assert_num_queries):
    item = make_item()
    client.get(address(item))
    for many in (2, 58):
        for _note in range(many):
            make_note(item, mentions=[make_user(role="lead")])
        with django_assert_num_queries(8):
            client.get(address(item))


# ── Mentions ─────────────────────────────────────────────


def test_my_work_shows_where_i_was_mentioned_until_i_open_it(client, lead):
    item = make_item()
    make_note(item, by=make_user(name="Ana Ruiz"), mentions=[lead], text="Not told here.")

    before = client.get("/").content.decode()
    assert "Mentions of you" in before
    assert f'<a href="/items/{item.pk}/">Item {item.pk}</a>' in before
    assert "Ana Ruiz" in before
    assert "Not told here." not in before

    client.get(address(item), headers=FRAGMENT)

    assert not MentionToRead.objects.exists()
    assert "Mentions of you" not in client.get("/").content.decode()


def test_a_mention_of_what_i_may_not_open_any_more_is_not_told(client):
    reviewer = make_user()
    client.force_login(reviewer)
    make_note(make_item(), mentions=[reviewer])

    assert "Item" not in client.get("/notes/").content.decode().partition("<h1")[2].partition("</main>")[0]


def test_more_mentions_than_fit_have_a_page(client, lead):
    for _note in range(51):
        make_note(make_item(), mentions=[lead])

    assert 'href="/notes/"' in client.get("/").content.decode()
    page = client.get("/notes/").content.decode()
    assert page.count("mentioned you") == 50
    assert "/notes/?cursor=" in page


def test_an_empty_list_says_what_would_stand_there(client, lead):
    assert "Nothing mentions you" in client.get("/notes/").content.decode()

"""A person's own keys: what is taken, what is refused, and where they are printed."""

import re

import pytest

from tests.environment import ROOT
from tests.factories import make_round, make_user
from trust import key_names, keymap
from trust.accounts import operations
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client):
    person = make_user()
    client.force_login(person)
    return person


def test_a_key_of_ones_own_is_printed_and_answers_on_the_page_and_is_recorded(client, person):
    held = make_round(lease_by=person)

    answer = client.post("/settings/keyboard/", {"benign": "l", "link": "L", "go_queues": "g x"})

    person.refresh_from_db()
    page = client.get(f"/items/{held.item_id}/").content.decode()
    assert answer["Location"] == "/settings/keyboard/"
    assert person.own_keys == {"benign": "l", "link": "L", "go_queues": "g x"}
    assert re.search(r'value="benign" data-key="l".*?<kbd class="key">L</kbd>', page)
    assert 'data-key="b"' not in page
    assert 'href="/queues/" data-key="g x"' in page
    assert AuditEvent.objects.about(person).get().kind == "person.edited"


def test_another_person_keeps_the_usual_keys(client, person):
    operations.set_keys(make_user(), own_keys={"benign": "l", "link": "L"})
    held = make_round(lease_by=person)

    assert 'value="benign" data-key="b"' in client.get(f"/items/{held.item_id}/").content.decode()


def test_an_empty_field_and_the_button_take_the_usual_keys_back(client, person):
    for form in ({"benign": ""}, {"usual": "yes", "benign": "%%"}):
        operations.set_keys(person, own_keys={"benign": "%"})

        assert client.post("/settings/keyboard/", form).status_code == 302

        person.refresh_from_db()
        assert person.own_keys == {}


def test_a_conflict_names_its_page_and_its_rival_and_keeps_what_was_typed(client, person):
    answer = client.post("/settings/keyboard/", {"benign": "s"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "On an item, S is the key of “Skip”." in page
    assert 'name="benign" value="s"' in page
    person.refresh_from_db()
    assert person.own_keys == {}


def test_keys_that_never_meet_on_a_page_may_be_the_same(person):
    operations.set_keys(person, own_keys={"create": "b"})

    assert person.own_keys == {"create": "b"}


def test_two_keys_may_be_swapped(person):
    operations.set_keys(person, own_keys={"violating": "b", "benign": "v"})

    assert person.own_keys["benign"] == "v"


@pytest.mark.parametrize(
    "key",
    ["1", "9", "g", "gg", "g  q", "g 1", "Escape", "F5", "é", "&", "<", '"', "'", "`", "\\", '"><script>', "ab", " ",
     "\x00", "g g g", "Enter ", "ENTER"],
)  # fmt: skip
def test_only_known_keys_are_taken(person, key):
    with pytest.raises(Refused, match="A key is") as refusal:
        operations.set_keys(person, own_keys={"benign": key})

    assert list(refusal.value.errors) == ["benign"]
    person.refresh_from_db()
    assert person.own_keys == {}


@pytest.mark.parametrize("key", ["y", "g y", "Enter", "5"])
def test_what_is_carried_out_takes_shift(person, key):
    with pytest.raises(Refused):
        operations.set_keys(person, own_keys={"approve": key})


def test_an_action_that_is_none_is_refused(person):
    with pytest.raises(Refused, match="no such action"):
        operations.set_keys(person, own_keys={"launch": "x"})


def test_the_usual_keys_have_no_conflict():
    assert keymap.errors_in(dict(keymap.KEYMAP), key_names.ALL) == {}


def test_every_action_has_a_name():
    assert key_names.ALL.keys() == keymap.KEYMAP.keys()


def test_every_template_has_its_keys_on_a_page_whose_conflicts_are_checked():
    strays = {}
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text()
        used = set(re.findall(r'(?:key|keyed|pressed) "([a-z_]+)"', text)) | set(re.findall(r' key="([a-z_]+)"', text))
        if not any(used <= actions for actions, _page in keymap.PAGES):
            strays[path.name] = used
    assert strays == {}

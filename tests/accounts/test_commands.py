"""The commands by which an operator makes people and keys."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.factories import make_user
from trust.accounts import keys
from trust.accounts.models import ApiKey, User
from trust.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(*arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_last_line_of_create_api_key_is_a_key_that_works(client):
    make_user(role="reviewer")
    admin = make_user(role="admin")

    out, _err = run("create_api_key", "Import from filter", "--scope", "intake", "queues:read")

    text = out.splitlines()[-1]
    key = ApiKey.objects.get()
    assert keys.public_part(text) == key.public_part
    assert (key.owner, key.source, key.scopes) == (admin, "import-from-filter", ["intake", "queues:read"])
    assert (key.requests_per_minute, key.alerts_per_minute, key.expires_at) == (600, 100_000, None)
    assert AuditEvent.objects.about(key).get().kind == "api_key.created"
    assert client.get("/api/schema/", headers={"Authorization": f"Bearer {text}"}).status_code == 200


def test_create_api_key_takes_its_options():
    make_user(role="admin")
    lead = make_user(role="lead", email="lead@example.org")
    options = "--owner LEAD@example.org --source partner-1 --expires 7 --requests-per-minute 0 --alerts-per-minute 9"

    run("create_api_key", "k", "--scope", "review", *options.split())

    key = ApiKey.objects.get()
    assert (key.owner, key.source, key.requests_per_minute, key.alerts_per_minute) == (lead, "partner-1", 0, 9)
    assert (key.expires_at - key.created_at).days == 7


def test_a_key_that_reads_content_says_that_it_waits_for_an_admin():
    make_user(role="lead", email="lead@example.org")

    _out, err = run("create_api_key", "k", "--scope", "content:read", "--owner", "lead@example.org")

    assert "once an admin has approved it" in err
    assert ApiKey.objects.get().waits_for_approval()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["k", "--scope", "nonsense"], "There is no scope nonsense"),
        (["k", "--scope", "review"], "may not use the scope review"),
        (["k", "--scope", "intake", "--owner", "nobody@example.org"], "no active person with the e-mail"),
        (["k", "--scope", "intake", "--source", "two words"], "A source may have letters"),
        (["k", "--scope", "intake", "--expires", "0"], "1 to 3650 days"),
        (["k", "--scope", "intake", "--requests-per-minute", "-1"], "A limit per minute"),
        (["k\0", "--scope", "intake"], "printable"),
        (["k\udcff", "--scope", "intake"], "printable"),
    ],
)
def test_create_api_key_refuses_with_one_line(arguments, sentence):
    make_user(role="admin")

    with pytest.raises(CommandError, match=re.escape(sentence)):
        run("create_api_key", *arguments)

    assert not ApiKey.objects.exists()
    assert not AuditEvent.objects.exists()


def test_without_an_admin_create_api_key_says_how_to_make_one():
    with pytest.raises(CommandError, match="create_person EMAIL --role admin"):
        run("create_api_key", "k", "--scope", "intake")


def test_the_link_of_create_person_sets_their_password_once(client):
    out, _err = run("create_person", "Ana@Example.org", "--role", "lead", "reviewer", "--name", "Ana Ruiz")

    path = out.splitlines()[-1].split("127.0.0.1", 1)[1].partition("/")[2]
    form = client.get(f"/{path}", follow=True)
    address = form.redirect_chain[-1][0]
    client.post(address, {"password1": "a quite long phrase", "password2": "a quite long phrase"})
    person = User.objects.get()
    assert (person.email, person.name, person.roles) == ("ana@example.org", "Ana Ruiz", ["lead", "reviewer"])
    assert person.check_password("a quite long phrase")
    assert b'name="password1"' not in client.get(f"/{path}", follow=True).content
    assert AuditEvent.objects.about(person).get().data == {"roles": ["lead", "reviewer"]}


@pytest.mark.parametrize(
    ("email", "role", "sentence"),
    [
        ("taken@example.org", "lead", "already a person"),
        ("TAKEN@example.org", "lead", "already a person"),
        ("nonsense", "lead", "not an e-mail address"),
        ("a\0@example.org", "lead", "not an e-mail address"),
        (f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.org", "lead", "longer than 200"),
        ("b@example.org", "king", "There is no role king"),
    ],
)
def test_create_person_refuses_with_one_line(email, role, sentence):
    make_user(email="taken@example.org")

    with pytest.raises(CommandError, match=re.escape(sentence)):
        run("create_person", email, "--role", role)

    assert User.objects.count() == 1

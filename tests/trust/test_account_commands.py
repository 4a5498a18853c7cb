"""The commands that make people and keys."""

from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command

from tests.factories import make_user
from trust.accounts.models import ApiKey, User
from trust.audit.models import AuditEvent


def output_of(*arguments: str) -> list[str]:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue().splitlines()


def test_the_last_line_is_the_key_alone_and_the_first_admin_owns_it(db):
    admin = make_user(role="admin")
    make_user(role="admin")

    lines = output_of("create_api_key", "My detector", "--scope", "intake", "traffic", "--requests-per-minute", "0")

    key = ApiKey.objects.get()
    assert lines[-1].startswith(f"td_{key.public_part}_")
    assert (key.owner, key.source, key.scopes, key.requests_per_minute) == (
        admin,
        "my-detector",
        ["intake", "traffic"],
        0,
    )
    assert AuditEvent.objects.about(key).exists()


def test_a_key_with_a_scope_that_does_not_exist_is_refused_with_the_list(db):
    make_user(role="admin")

    with pytest.raises(CommandError, match="no scope everything"):
        output_of("create_api_key", "x", "--scope", "everything")

    assert not ApiKey.objects.exists()


def test_a_key_needs_an_owner(db):
    with pytest.raises(CommandError, match="no admin yet"):
        output_of("create_api_key", "x", "--scope", "intake")


def test_a_new_person_sets_a_password_by_the_printed_link_once(db, client):
    link = urlsplit(output_of("create_person", "ana@example.org", "--role", "lead")[-1]).path

    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0]
    client.post(address, {"password1": "a long enough phrase", "password2": "a long enough phrase"})

    person = User.objects.get()
    assert person.roles == ["lead"]
    assert person.check_password("a long enough phrase")
    client.logout()
    assert b"password1" not in client.get(link, follow=True).content


def test_a_person_with_an_unknown_role_is_refused(db):
    with pytest.raises(CommandError, match="no role king"):
        output_of("create_person", "ana@example.org", "--role", "king")

    assert not User.objects.exists()

"""The first people of an installation that nobody set up by hand: who can sign in, and how, right after the start."""

import os
import secrets
from pathlib import Path

from django.db import transaction

from trust.accounts import operations
from trust.accounts.models import User
from trust.permissions import Role

DOMAIN = "example.org"

# Two of each role whose acts need a second person.
FIRST_PEOPLE = [
    (Role.ADMIN, "admin", "Ada Okafor"),
    (Role.ADMIN, "admin-2", "Ivo Lindqvist"),
    (Role.LEAD, "lead", "Lena Marsh"),
    (Role.LEAD, "lead-2", "Tomás Rey"),
    (Role.REVIEWER, "reviewer", "Rosa Adeyemi"),
    (Role.REVIEWER, "reviewer-2", "Kenji Mori"),
    (Role.POLICY_EDITOR, "policy-editor", "Edda Brandt"),
    (Role.POLICY_APPROVER, "policy-approver", "Paulo Nunes"),
    (Role.POLICY_APPROVER, "policy-approver-2", "Mina Petrova"),
    (Role.ANALYST, "analyst", "Anouk Dreyer"),
    (Role.AUDITOR, "auditor", "Uma Castellan"),
]


def make_first_people(path: Path) -> None:
    """Make one person or two for each role when there is nobody yet, and note their sign-ins in ``path``.

    One line each: role, e-mail, password, with tabs between. Passwords are random, and only the file's owner reads it.
    """
    if User.objects.exists():
        return
    lines = []
    with transaction.atomic():
        for role, local_part, name in FIRST_PEOPLE:
            email, password = f"{local_part}@{DOMAIN}", secrets.token_urlsafe(12)
            operations.create_person(email, name=name, roles=[role], password=password, by=None)
            lines.append(f"{role}\t{email}\t{password}\n")
        _write(path, "".join(lines))


def _write(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)

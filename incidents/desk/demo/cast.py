"""The people of the demo: those who can sign in, and some colleagues who only appear in its history."""

from dataclasses import dataclass

from trust.accounts import operations as accounts
from trust.accounts.models import User
from trust.permissions import Role

COLLEAGUES = (
    ("chi.obi@example.org", "Chi Obi"),
    ("dana.weiss@example.org", "Dana Weiss"),
    ("eli.moreau@example.org", "Eli Moreau"),
)
STRICTNESS = (0, 6, -8, 3, -3)  # percentage points by which reviewers differ


@dataclass(frozen=True)
class Cast:
    reviewers: list[User]
    leads: list[User]
    editor: User
    approver: User
    admins: list[User]

    def strictness(self, reviewer: User) -> int:
        return STRICTNESS[self.reviewers.index(reviewer) % len(STRICTNESS)]


def gather() -> Cast:
    """Find the people who can sign in, and make the colleagues; these have no password."""
    for email, name in COLLEAGUES:
        if not User.objects.filter(email=email).exists():
            accounts.create_person(email, name=name, roles=[Role.REVIEWER], by=None)
    return Cast(
        reviewers=_with(Role.REVIEWER),
        leads=_with(Role.LEAD),
        editor=_with(Role.POLICY_EDITOR)[0],
        approver=_with(Role.POLICY_APPROVER)[0],
        admins=_with(Role.ADMIN),
    )


def _with(role: Role) -> list[User]:
    return list(User.objects.with_role(role).order_by("pk"))

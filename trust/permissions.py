"""Who may do what: the one table of roles x permissions. Operations and ``visible_to`` ask it; nothing else decides.

"Own or claimed only" is narrowed in the rooms' ``visible_to``; "a second person must complete it" in their rules.
"""

from enum import StrEnum
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    REVIEWER = "reviewer", _("Reviewer")
    LEAD = "lead", _("Lead")
    POLICY_EDITOR = "policy_editor", _("Policy editor")
    POLICY_APPROVER = "policy_approver", _("Policy approver")
    ANALYST = "analyst", _("Analyst")
    AUDITOR = "auditor", _("Auditor")
    ADMIN = "admin", _("Admin")


class Permission(StrEnum):
    SEE_QUEUES = "see_queues"
    VIEW_CONTENT = "view_content"
    REVIEW = "review"
    REPORT = "report"
    WRITE_NOTES = "write_notes"
    TAKE_BACK_NOTES = "take_back_notes"
    MANAGE_QUEUES = "manage_queues"
    MANAGE_ROUTING = "manage_routing"
    MANAGE_WELLBEING = "manage_wellbeing"
    READ_TEAM_EXPOSURE = "read_team_exposure"
    READ_POLICIES = "read_policies"
    DRAFT_POLICY = "draft_policy"
    APPROVE_POLICY = "approve_policy"
    ACKNOWLEDGE_POLICIES = "acknowledge_policies"
    READ_READERS = "read_readers"
    SUGGEST_GAPS = "suggest_gaps"
    LOOK_AGAIN = "look_again"
    READ_ACTORS = "read_actors"
    READ_USE_CASES = "read_use_cases"
    ENTER_USE_CASES = "enter_use_cases"
    APPROVE_USE_CASES = "approve_use_cases"
    SHARE_ACTORS = "share_actors"
    SHARE_ACTORS_BY_NAME = "share_actors_by_name"
    READ_ENFORCEMENT = "read_enforcement"
    PROPOSE_ENFORCEMENT = "propose_enforcement"
    APPROVE_ENFORCEMENT = "approve_enforcement"
    READ_ACTING_RULES = "read_acting_rules"
    WRITE_ACTING_RULES = "write_acting_rules"
    READ_APPEALS = "read_appeals"
    JUDGE_APPEALS = "judge_appeals"
    READ_INCIDENTS = "read_incidents"
    READ_ALL_INCIDENTS = "read_all_incidents"
    EDIT_INCIDENTS = "edit_incidents"
    SIGN_OFF_RETROSPECTIVES = "sign_off_retrospectives"
    READ_STATISTICS = "read_statistics"
    READ_EXACT_STATISTICS = "read_exact_statistics"
    READ_AUDIT = "read_audit"
    READ_WHOLE_AUDIT = "read_whole_audit"
    READ_AUDIT_PAYLOAD = "read_audit_payload"
    READ_SOURCES = "read_sources"
    IMPORT_ALERTS = "import_alerts"
    READ_SETTINGS = "read_settings"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_KEYS = "manage_keys"
    MANAGE_ENDPOINTS = "manage_endpoints"


_R, _L, _E, _P, _N, _U, _A = Role

ROLES_WITH: Final[dict[Permission, frozenset[Role]]] = {
    Permission.SEE_QUEUES: frozenset(Role),
    Permission.VIEW_CONTENT: frozenset({_R, _L}),  # reviewers: what they hold or decided
    Permission.REVIEW: frozenset({_R, _L}),
    Permission.REPORT: frozenset({_R, _L, _E, _P}),
    Permission.WRITE_NOTES: frozenset({_R, _L, _E, _P}),  # on what they may open; who may open it reads them
    Permission.TAKE_BACK_NOTES: frozenset({_L}),  # other people's; their own everyone who writes
    Permission.MANAGE_QUEUES: frozenset({_L}),
    Permission.MANAGE_ROUTING: frozenset({_L}),
    Permission.MANAGE_WELLBEING: frozenset({_L, _A}),
    Permission.READ_TEAM_EXPOSURE: frozenset({_L}),  # sums over five people and more; own exposure is for oneself only
    Permission.READ_POLICIES: frozenset(Role),
    Permission.DRAFT_POLICY: frozenset({_E}),
    Permission.APPROVE_POLICY: frozenset({_P}),
    Permission.ACKNOWLEDGE_POLICIES: frozenset({_R, _L}),  # who judges by them
    Permission.READ_READERS: frozenset({_L}),
    Permission.SUGGEST_GAPS: frozenset({_L, _E}),
    Permission.LOOK_AGAIN: frozenset({_L, _E, _P}),
    Permission.READ_ACTORS: frozenset({_R, _L, _U}),  # reviewers: actors of items they hold or decided
    Permission.READ_USE_CASES: frozenset({_R, _L, _U}),  # reviewers: what they entered or of actors they may see
    Permission.ENTER_USE_CASES: frozenset({_R, _L}),
    Permission.APPROVE_USE_CASES: frozenset({_L}),  # never who entered it
    Permission.SHARE_ACTORS: frozenset({_L, _U}),  # under pseudonyms: auditors make a file again to check it
    Permission.SHARE_ACTORS_BY_NAME: frozenset({_L}),  # with outside ids, and a reason
    Permission.READ_ENFORCEMENT: frozenset({_R, _L, _U}),  # reviewers: what they proposed or on actors they may see
    Permission.PROPOSE_ENFORCEMENT: frozenset({_R, _L}),
    Permission.APPROVE_ENFORCEMENT: frozenset({_L}),
    Permission.READ_ACTING_RULES: frozenset({_R, _L, _P, _U}),
    Permission.WRITE_ACTING_RULES: frozenset({_L, _P}),  # a lead who did not write it arms it
    Permission.READ_APPEALS: frozenset({_L, _U}),  # auditors without the actor's words
    Permission.JUDGE_APPEALS: frozenset({_L}),  # never who took part in what is appealed
    Permission.READ_INCIDENTS: frozenset({_R, _L, _E, _P, _N, _U}),  # reviewers: those they work on
    Permission.READ_ALL_INCIDENTS: frozenset({_L, _E, _P, _N, _U}),
    Permission.EDIT_INCIDENTS: frozenset({_R, _L, _E, _P}),
    Permission.SIGN_OFF_RETROSPECTIVES: frozenset({_L, _P}),
    Permission.READ_STATISTICS: frozenset({_L, _E, _P, _N, _U, _A}),  # suppressed, unless exact is held too
    Permission.READ_EXACT_STATISTICS: frozenset({_L, _N, _U}),
    Permission.READ_AUDIT: frozenset({_R, _L, _U, _A}),  # reviewers and leads: own acts; admins: without payload
    Permission.READ_WHOLE_AUDIT: frozenset({_U, _A}),
    Permission.READ_AUDIT_PAYLOAD: frozenset({_U}),  # everyone else: of their own acts
    Permission.READ_SOURCES: frozenset({_L, _N, _U, _A}),
    Permission.IMPORT_ALERTS: frozenset({_L}),
    Permission.READ_SETTINGS: frozenset({_U, _A}),
    Permission.MANAGE_PEOPLE: frozenset({_A}),
    Permission.MANAGE_KEYS: frozenset({_A}),
    Permission.MANAGE_ENDPOINTS: frozenset({_A}),
}


class Scope(TextChoices):
    """What an API key is for. A key acts as its owner: it works while the owner holds the permission beside it."""

    INTAKE = "intake"
    TRAFFIC = "traffic"
    QUEUES_READ = "queues:read"
    REVIEW = "review"
    ACTORS_READ = "actors:read"
    ACTORS_SHARE = "actors:share"
    ACTORS_SHARE_BY_NAME = "actors:share-by-name"  # beside actors:share, which opens the endpoints
    USE_CASES_READ = "use-cases:read"
    USE_CASES_WRITE = "use-cases:write"
    ENFORCEMENT_READ = "enforcement:read"
    ENFORCEMENT_PROPOSE = "enforcement:propose"
    APPEALS_WRITE = "appeals:write"
    INCIDENTS_READ = "incidents:read"
    STATISTICS_READ = "statistics:read"
    STATISTICS_EXACT = "statistics:exact"
    RELEASES_READ = "releases:read"
    DATASETS_READ = "datasets:read"
    CONTENT_READ = "content:read"


PERMISSION_BEHIND: Final[dict[Scope, Permission | None]] = {
    Scope.INTAKE: None,
    Scope.TRAFFIC: None,
    Scope.QUEUES_READ: Permission.SEE_QUEUES,
    Scope.REVIEW: Permission.REVIEW,
    Scope.ACTORS_READ: Permission.READ_ACTORS,
    Scope.ACTORS_SHARE: Permission.SHARE_ACTORS,
    Scope.ACTORS_SHARE_BY_NAME: Permission.SHARE_ACTORS_BY_NAME,
    Scope.USE_CASES_READ: Permission.READ_USE_CASES,
    Scope.USE_CASES_WRITE: Permission.ENTER_USE_CASES,
    Scope.ENFORCEMENT_READ: Permission.READ_ENFORCEMENT,
    Scope.ENFORCEMENT_PROPOSE: Permission.PROPOSE_ENFORCEMENT,
    Scope.APPEALS_WRITE: None,
    Scope.INCIDENTS_READ: Permission.READ_INCIDENTS,
    Scope.STATISTICS_READ: Permission.READ_STATISTICS,
    Scope.STATISTICS_EXACT: Permission.READ_EXACT_STATISTICS,
    Scope.RELEASES_READ: Permission.READ_STATISTICS,
    Scope.DATASETS_READ: Permission.READ_STATISTICS,
    Scope.CONTENT_READ: Permission.VIEW_CONTENT,
}


def may(roles: frozenset[str], permission: Permission) -> bool:
    """Say whether any of ``roles`` carries ``permission``. Roles add up."""
    return not roles.isdisjoint(ROLES_WITH[permission])

"""Nobody proposes and approves alone: by page, API, bulk, adoption, an old tab, a race, or SQL past all code."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from incidents.enforcement import operations
from incidents.enforcement.models import EnforcementAction
from tests.enforcement import recount
from tests.enforcement.factories import make_finding, make_proposal, propose
from tests.factories import make_actor, make_api_key, make_user
from tests.linking.test_web import share
from tests.policies.twice import outcomes_of
from trust.accounts.models import User
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

MANY = 50


def post(by: User, name: str, action: EnforcementAction, **fields: Any) -> Any:
    client = Client()
    client.force_login(by)
    return client.post(reverse(f"enforcement:{name}", args=[action.pk]), fields)


def by_page(lead: User) -> EnforcementAction:
    client, actor = Client(), make_actor()
    client.force_login(lead)
    address = reverse("enforcement:propose") + f"?actor={actor.pk}"
    answer = client.post(address, {"kind": "suspension", "days": "30", "reason": "Third wave."})
    assert answer.status_code == 302
    return EnforcementAction.objects.get()


def by_api(lead: User) -> EnforcementAction:
    actor, (_key, text) = make_actor(), make_api_key("enforcement:propose", owner=lead)
    sent = {
        "actor": {"kind": actor.kind, "external_id": actor.external_id},
        "kind": "suspension",
        "parameters": {"days": 30},
        "reason": "Third wave.",
        "decisions": [],
    }
    headers = {"Authorization": f"Bearer {text}"}
    answer = Client().post("/api/v1/enforcement-actions", sent, content_type="application/json", headers=headers)
    assert answer.status_code == 201
    return EnforcementAction.objects.get()


def in_bulk(lead: User) -> EnforcementAction:
    ring, client = [make_actor() for _actor in range(2)], Client()
    share(*ring)
    client.force_login(lead)
    sent = {"kind": "ban", "reason": "One hand behind all.", "actors": [one.pk for one in ring]}
    confirmed = ",".join(str(one.pk) for one in ring)
    answer = client.post(reverse("linking:act", args=[ring[0].pk]), {**sent, "confirmed": confirmed})
    assert answer.status_code == 302
    return EnforcementAction.objects.order_by("pk")[1]


def by_adoption(lead: User) -> EnforcementAction:
    make_finding(make_actor(), severity=4, by=lead)
    operations.give_strikes()
    recommended = EnforcementAction.objects.get()
    answer = post(lead, "adopt", recommended, kind="suspension", days="30", reason="Yes.")
    assert answer.status_code == 302
    return recommended


WAYS: list[Callable[[User], EnforcementAction]] = [by_page, by_api, in_bulk, by_adoption]


@pytest.mark.parametrize("way", WAYS)
def test_who_proposed_in_any_way_approves_in_none(way: Callable[[User], EnforcementAction]):
    lead = make_user(role="lead")
    action = way(lead)

    answer = post(lead, "approve", action, reason="Mine.")

    action.refresh_from_db()
    assert (answer.status_code, action.status, action.proposed_by, action.approved_by) == (409, "proposed", lead, None)
    assert post(make_user(role="lead"), "approve", action, reason="It holds.").status_code == 302
    assert list(recount.faults_of_pairs()) == []


def test_a_tab_from_before_another_adopted_it_changes_nothing():
    make_finding(make_actor(), severity=4)
    operations.give_strikes()
    recommended, first, second = EnforcementAction.objects.get(), make_user(role="lead"), make_user(role="lead")
    post(first, "adopt", recommended, kind="suspension", days="30", reason="Yes.")

    answer = post(second, "adopt", recommended, kind="suspension", days="1", reason="Mine.")

    recommended.refresh_from_db()
    assert (answer.status_code, recommended.proposed_by, recommended.parameters) == (409, first, {"days": 30})


@pytest.mark.parametrize("then", ["approve", "decline"])
def test_a_tab_from_before_it_was_decided_changes_nothing(then: str):
    action, first, second = propose(), make_user(role="lead"), make_user(role="lead")
    post(first, then, action, reason="First.")
    before = EnforcementAction.objects.values().get()

    answers = [post(second, name, action, reason="Second.").status_code for name in ("approve", "decline")]

    assert answers == [409, 409]
    assert EnforcementAction.objects.values().get() == before


@pytest.mark.django_db(transaction=True)
def test_of_fifty_who_adopt_approve_and_decline_at_once_each_step_is_one_persons():
    make_finding(make_actor(), severity=4)
    operations.give_strikes()
    action = EnforcementAction.objects.get()
    leads = [make_user(role="lead") for _lead in range(10)]

    def act(number: int) -> Any:
        by = leads[number % len(leads)]
        if number % 5 < 2:
            return operations.adopt(action, make_proposal(), by=by)
        if number % 5 < 4:
            return operations.approve(action, reason="It holds.", by=by)
        return operations.decline(action, reason="No.", by=by)

    outcomes = outcomes_of(act, range(MANY))

    assert {type(one) for one in outcomes} <= {EnforcementAction, Refused}
    kinds = list(AuditEvent.objects.about(action).order_by("pk").values_list("kind", flat=True))
    assert len(kinds) == len(set(kinds))
    assert sum(isinstance(one, EnforcementAction) for one in outcomes) == len(
        {"enforcement.proposed", "enforcement.approved", "enforcement.declined"}.intersection(kinds)
    )
    assert recount.faults() == []


@pytest.mark.django_db(transaction=True)
def test_of_fifty_who_approve_at_once_one_does_and_never_the_proposer():
    proposer, leads = make_user(role="lead"), [make_user(role="lead") for _lead in range(4)]
    action = propose(by=proposer)

    outcomes = outcomes_of(
        lambda number: operations.approve(action, reason="It holds.", by=[proposer, *leads][number % 5]), range(MANY)
    )

    approved = [one for one in outcomes if isinstance(one, EnforcementAction)]
    assert len(approved) == 1
    assert approved[0].approved_by in leads
    assert sum(isinstance(one, Refused) for one in outcomes) == MANY - 1
    assert recount.faults() == []


# ── Past all code, as the application's role ─────────────

APPROVED = "status = 'approved', approved_by_id = %(me)s, approved_at = now()"
CHANGES = {
    "approve alone": APPROVED,
    "put another's name on it": "proposed_by_id = %(other)s",
    "put another's name on it and approve": f"proposed_by_id = %(other)s, {APPROVED}",
    "take the name off": "proposed_by_id = null, proposed_at = null, status = 'recommended'",
    "propose something else": "parameters = '{\"days\": 3650}'",
    "propose something graver": "kind = 'ban', parameters = '{}'",
    "say why anew": "reason = 'Another.'",
    "another actor": "actor_id = %(actor)s",
}


def run(statement: str, **values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
@pytest.mark.parametrize("is_approved", [False, True], ids=["proposed", "approved"])
def test_sql_changes_nobody_and_nothing_behind_an_action(change: str, is_approved: bool):
    me, other = make_user(role="lead"), make_user(role="lead")
    action = propose(by=me)
    if is_approved:
        operations.approve(action, reason="It holds.", by=other)
    values = {"me": me.pk, "other": make_user().pk, "actor": make_actor().pk, "id": action.pk}

    with pytest.raises(DatabaseError):
        run(f"update enforcement_enforcementaction set {change} where id = %(id)s", **values)


def test_sql_approves_no_recommendation_in_somebody_elses_name():
    make_finding(make_actor(), severity=4)
    operations.give_strikes()
    values = {"me": make_user(role="lead").pk, "other": make_user().pk}

    with pytest.raises(DatabaseError, match="proposed before"):
        run(
            f"update enforcement_enforcementaction set proposed_by_id = %(other)s, proposed_at = now(), {APPROVED}",
            **values,
        )


@pytest.mark.parametrize("proposer", ["%(me)s", "%(other)s", "null"], ids=["me", "another", "nobody"])
def test_sql_inserts_nothing_that_is_approved_already(proposer: str):
    columns = [field.column for field in EnforcementAction._meta.fields if not field.primary_key]
    values = {"me": make_user(role="lead").pk, "other": make_user().pk, "id": propose().pk}
    put = {
        "status": "'approved'",
        "proposed_by_id": proposer,
        "approved_by_id": "%(me)s",
        "approved_at": "now()",
    }
    chosen = ", ".join(put.get(column, column) for column in columns)

    with pytest.raises(DatabaseError, match="proposed before"):
        run(
            f"insert into enforcement_enforcementaction ({', '.join(columns)}) "
            f"select {chosen} from enforcement_enforcementaction where id = %(id)s",
            **values,
        )

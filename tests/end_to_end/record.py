"""What the database must say after a walk, read as its owner."""

from typing import Any

from tests.end_to_end.walker import Walk


def assert_the_database_says_the_same(walk: Walk, items: list[int], action: int) -> None:
    def column(statement: str, *parameters: Any) -> list[Any]:
        return [value for (value,) in walk.query(statement, *parameters)]

    effective = column(
        "select verdict from review_decision d where item_id = any(%s)"
        " and not exists (select from review_retraction where decision_id = d.id) order by item_id",
        items,
    )
    assert effective == ["violating", "no_policy_fits", "violating", "violating"]
    assert column("select count(*) from review_decision where item_id = any(%s)", items) == [5], "one was taken back"
    violations = walk.query(
        "select clause.key, v.severity, v.complied from review_violation v"
        " join review_decision d on d.id = v.decision_id join policies_clauseversion t on t.id = v.clause_id"
        " join policies_clause clause on clause.id = t.clause_id where d.item_id = any(%s) order by d.item_id",
        items,
    )
    assert [key for key, _severity, _complied in violations] == ["harassment.targeted"] * 3
    assert violations[0][1] == violations[1][1] + 1, "one key raised it by one"
    assert violations[0][2] is True

    [(status, proposer, approver)] = walk.query(
        "select status, p.email, a.email from enforcement_enforcementaction e"
        " join accounts_user p on p.id = proposed_by_id join accounts_user a on a.id = approved_by_id where e.id = %s",
        action,
    )
    assert (status, proposer, approver) == ("in_force", "lead@example.org", "lead-2@example.org")
    assert walk.query(
        "select m.status, m.attempts_made from enforcement_delivery d join outgoing_message m on m.id = d.message_id"
        " where d.enforcement_id = %s",
        action,
    ) == [("delivered", 1)]
    assert column("select standing from actors_actor where external_id = %s", walk.actor) == ["suspended"]

    [(incident, signed)] = walk.query(
        "select i.id, r.status from response_incident i join retrospectives_retrospective r on r.incident_id = i.id"
        " where i.title = %s",
        walk.incident,
    )
    assert signed == "signed"
    assert sorted(column("select item_id from response_incidentitem where incident_id = %s", incident)) == items

    assert events(walk, "enforcement.enforcementaction", action) == [
        "enforcement.proposed",
        "enforcement.approved",
        "enforcement.in_force",
    ]
    assert [kind for kind in events(walk, "queues.item", items[1]) if kind.startswith("decision.")] == [
        "decision.made",
        "decision.taken_back",
        "decision.made",
    ]
    assert events(walk, "response.incident", incident)[:2] == ["incident.created", "incident.contained"]


def events(walk: Walk, kind: str, pk: int) -> list[str]:
    """Return the kinds of the audit events about one object, oldest first."""
    rows = walk.query(
        "select event.kind from audit_auditevent event join audit_auditsubject subject on subject.event_id = event.id"
        " where subject_kind = %s and subject_id = %s order by event.id",
        kind,
        pk,
    )
    return [event for (event,) in rows]

"""One world of objects, made once per module, and those who ask for them."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from incidents.enforcement.links import address_of
from incidents.enforcement.models import Delivery
from incidents.impact.models import Sample, Sampled
from incidents.intake.models import DetectorVersion
from incidents.queues.models import Group, Item, RuleSet
from incidents.reports import operations as reports
from incidents.response.models import IncidentActor, IncidentEnforcement, IncidentItem
from incidents.retrospectives.models import ActionItem
from incidents.review.models import GroupDecision, GroupDecisionPart
from incidents.search import operations as search
from incidents.search.models import Document
from policies.models import Mapping, PolicyGap, PolicyVersion, Retirement
from tests.access.letters import LETTERS
from tests.access.pages import FORMS
from tests.appeals.factories import make_appeal, make_case, make_restricted_case
from tests.backfill.factories import make_backfill
from tests.enforcement.factories import make_acting_rule, make_action_of_rule
from tests.factories import (
    NOW,
    PASSWORD,
    make_actor,
    make_alert,
    make_api_key,
    make_clause,
    make_clearance,
    make_damping,
    make_decision,
    make_enforcement,
    make_generation,
    make_incident,
    make_item,
    make_note,
    make_policy_version,
    make_queue,
    make_retrospective,
    make_round,
    make_rule,
    make_source,
    make_user,
)
from tests.guidance.factories import make_suggestion
from tests.imports.factories import make_import
from tests.inbound.factories import make_webhook
from tests.outgoing.factories import make_message
from tests.review.bulk.factories import make_bulk, make_ended_job
from tests.saved.factories import make_view
from tests.use_cases.factories import make_application
from trust.accounts.models import Clearance, User
from trust.permissions import Role, Scope

ROLES = {
    "H": "reviewer",
    "R": "reviewer",
    "L": "lead",
    "E": "policy_editor",
    "P": "policy_approver",
    "N": "analyst",
    "U": "auditor",
    "A": "admin",
    "C": "reviewer",
    "K": "lead",
}
REPORTED = {
    "kind": "staff",
    "occurred_at": "2026-11-01T10:00:00Z",
    "generation": {"messages": [{"role": "user", "content": "Write a review of a tea."}]},
}
ACTOR = {"kind": "account", "external_id": "acct_world"}
ANONYMOUS = "*"

# What a refused request may write: its session, and the count of how often a key, webhook or person asked.
MAY_ALWAYS_BE_WRITTEN = {"django_session", "accounts_keyuse", "inbound_tally", "search_searchuse", "appeals_asks"}
_WRITE = re.compile(
    r'\b(?:insert\s+into|(?<!for )(?<!no key )update(?!\s+set\b)|delete\s+from|truncate)\s+"?(\w+)', re.IGNORECASE
)


@dataclass
class World:
    people: dict[str, User]
    everyone: User
    second: User
    names: dict[str, Any]
    clients: dict[str, tuple[Client, str]] = field(default_factory=dict)
    keys: dict[tuple[str, str], str] = field(default_factory=dict)

    def fill(self, address: str) -> str:
        """Put the world's ids into ``/items/{held}/``."""
        return address.format(**self.names)

    def ask(self, client: Client, row: str) -> HttpResponse:
        """Send what a row of the table says, with its form if it has one."""
        method, address = row.split()
        form = urlencode({name: self.fill(value) for name, value in FORMS.get(row, {}).items()})
        return client.generic(method, self.fill(address), form, content_type="application/x-www-form-urlencoded")

    def client(self, letter: str) -> Client:
        """Return the browser of the person with this letter, freshly signed in, or of nobody for ``*``."""
        if letter not in self.clients:
            client = Client(headers={"Accept-Language": "en"})
            if letter != ANONYMOUS:
                client.force_login(self.everyone if letter == "everyone" else self.people[letter])
            self.clients[letter] = client, client.cookies.output(header="", sep=";")
        client, cookies = self.clients[letter]
        client.cookies = SimpleCookie(cookies)
        return client

    def key(self, scope: str, letter: str = "everyone") -> dict[str, str]:
        """Return the header of a key with one scope (or several, by spaces), owned by the person with this letter."""
        if (scope, letter) not in self.keys:
            owner = self.everyone if letter == "everyone" else self.people[letter]
            rest = {"expires_at": timezone.now() + timedelta(days=1), "approved_by": self.second}
            self.keys[scope, letter] = make_api_key(*scope.split(), owner=owner, **rest)[1]
        return {"Authorization": f"Bearer {self.keys[scope, letter]}"}


def make_world() -> World:
    people = {letter: make_user(role=ROLES[letter], name=letter) for letter in LETTERS}
    everyone = make_user(roles=list(Role.values), name="everyone")
    password = make_password(PASSWORD)
    for person in (*people.values(), everyone):
        person.password = password
        person.save()
    for person in (people["C"], people["K"], everyone):
        make_clearance(person)
    names = {"nobody": "zzz", **_policies(people), **_cases(people), **_staff(people)}
    world = World(people, everyone, make_user(role="admin", name="second"), names)
    for letter in (*people, "everyone", ANONYMOUS):
        world.client(letter)  # signed in now: what is first done inside ``undone`` is taken back with it
    world.key(" ".join(Scope.values))
    return world


def _policies(people: dict[str, User]) -> dict[str, Any]:
    """A policy in force, the same with version 2 in review, and a gap."""
    text = make_clause()
    policy = text.version.policy
    second = make_policy_version(
        policy=policy, number=2, status=PolicyVersion.Status.DRAFT, published_at=None, created_by=people["E"]
    )
    make_clause(version=second, clause=text.clause)
    PolicyVersion.objects.filter(pk=second.pk).update(status=PolicyVersion.Status.IN_REVIEW)
    mapping = Mapping.objects.create(
        clause=text.clause, taxonomy="dsa", taxonomy_version="2024", category="STATEMENT_CATEGORY_VIOLENCE"
    )
    gap = PolicyGap.objects.create(title="Votes for a pet contest", opened_at=NOW, last_seen_at=NOW)
    names = {"policy": policy.key, "clause": text.clause.key, "text": text, "text_id": text.pk, "gap": gap.pk}
    names["mapping"] = mapping.pk
    retirement = Retirement.objects.create(
        version=text.version, reason="Why.", proposed_by=people["E"], proposed_at=NOW
    )
    names["retirement"] = retirement.pk
    sample = Sample.objects.create(version=second, cited=1, flagged=0, taken_by=people["E"], taken_at=NOW)
    sampled = Sampled.objects.create(sample=sample, decision=make_decision(), stratum=Sampled.Stratum.CITED)
    names |= {"sample": sample.pk, "sampled": sampled.pk}
    names["backfill"] = make_backfill(version=text.version, by=people["L"]).pk
    return {**names, "suggestion": make_suggestion().pk}


def _staff(people: dict[str, User]) -> dict[str, Any]:
    """A person whose clearance waits for a second admin, a key, and an inbound webhook."""
    person, webhook = make_user(), make_webhook(by=people["A"])
    clearance = make_clearance(person, granted_by=people["A"], approved_by=None, approved_at=None)
    inbound = {"inbound": webhook.pk, "inbound_token": webhook.token}
    return {"person": person.pk, "clearance": clearance.pk, "key": make_api_key("intake")[0].pk, **inbound}


def _cases(people: dict[str, User]) -> dict[str, Any]:
    """Items in every hand, open and restricted, with what followed from them."""
    queue, restricted_queue = make_queue(), make_queue(restricted_category=Clearance.CHILD_SAFETY)
    actor = make_actor(**ACTOR)
    held, waiting, mine = (make_item(generation=_generation(actor)) for _place in range(3))
    held_round = make_round(item=held, queue=queue, lease_by=people["H"])
    make_round(item=waiting, queue=queue)
    decision = make_decision(item=_closed(mine), by=people["H"])
    together = make_decision(item=_closed(make_item(generation=_generation(actor))), by=people["H"])
    group = Group.objects.create(leader=mine, version=1, word_count=9, size=1, created_at=NOW)
    whole = GroupDecision.objects.create(group=group, decision=decision, by=people["H"], at=NOW)
    GroupDecisionPart.objects.create(whole=whole, item=together.item, decision=together)
    restricted, unheld = (_restricted_item() for _place in range(2))
    restricted_round = make_round(item=restricted, queue=restricted_queue, lease_by=people["C"])
    make_round(item=unheld, queue=restricted_queue)
    proposed = make_enforcement(actor=actor, proposed_by=people["H"])
    recommended = make_enforcement(actor=actor, proposed_by=None, proposed_at=None, status="recommended")
    acting = make_acting_rule(armed_by=people["L"], written_by=people["P"])
    by_rule = make_action_of_rule(acting, actor=actor)
    stranger = make_actor()
    other = make_enforcement(actor=stranger, proposed_by=people["R"])
    delivery = Delivery.objects.create(enforcement=other, purpose=Delivery.Purpose.CARRY_OUT, message=make_message())
    batch = make_alert(source=make_source(slug="tests")).batch
    report = uuid4()
    reports.report(REPORTED, form=report, by=people["H"])
    return {
        "queue": queue.slug,
        "report": report,
        "rule": make_rule(queue, key="spam").rules[0]["key"],
        "restricted_queue": restricted_queue.slug,
        "actor": actor.pk,
        "stranger": stranger.pk,
        "held": held.pk,
        "round": held_round.pk,
        "waiting": waiting.pk,
        "decided": mine.pk,
        "decision": decision.pk,
        "group_decision": whole.pk,
        "restricted": restricted.pk,
        "restricted_round": restricted_round.pk,
        "restricted_waiting": unheld.pk,
        "bulk": make_bulk(by=people["L"], job=make_ended_job(people["L"]), action="benign").pk,
        "selected": make_bulk(by=people["L"], filters={"queue": queue.slug}).pk,
        "restricted_selected": make_bulk(by=people["K"], filters={"queue": restricted_queue.slug}).pk,
        "restricted_actor": restricted.actor_id,
        "proposed": proposed.pk,
        "recommended": recommended.pk,
        "acting_rule": acting.pk,
        "by_rule": by_rule.pk,
        "other": other.pk,
        "delivery": delivery.pk,
        "endpoint": delivery.message.endpoint_id,
        "rules": _rule_set().number,
        "batch": batch.pk,
        "detector": DetectorVersion.objects.get(name="filter", version="1").pk,
        "note": make_note(held, by=people["H"]).pk,
        "restricted_note": make_note(restricted, by=people["C"]).pk,
        "damping": make_damping(by=people["L"], source=batch.source).pk,
        "source": batch.source_id,
        "import": make_import(b"id,text\n1,Tea.\n", format="csv", by=people["L"]).pk,
        "use_case": make_application(actor, by=people["H"]).pk,
        **_appeals(),
        **_looks_back(people["L"], mine, proposed),
        **_searchable(people["H"], held, waiting, restricted),
    }


def _searchable(owner: User, held: Item, waiting: Item, restricted: Item) -> dict[str, Any]:
    """The documents of three items, the last as if it had been indexed before it was restricted; and two views."""
    search.wait_for_index([held.generation_id, waiting.generation_id])
    search.index_documents()
    stale = Document.objects.create(
        kind="generation", object_id=restricted.generation_id, generation=restricted.generation, at=NOW, words="tea"
    )
    views = [make_view(owner=owner, name=f"Tea {shared}", is_shared=shared) for shared in (False, True)]
    return {
        "found": Document.objects.get(generation=held.generation_id).pk,
        "found_waiting": Document.objects.get(generation=waiting.generation_id).pk,
        "found_restricted": stale.pk,
        "view": views[0].pk,
        "shared_view": views[1].pk,
    }


def _rule_set() -> RuleSet:
    """The version that migration made, or one in its place where tests began with an empty database."""
    return RuleSet.objects.first() or RuleSet.objects.create(number=1, rules=[], made_at=NOW)


def _appeals() -> dict[str, Any]:
    """An appeal that waits, one that rests on restricted items, and a link by which nobody has appealed yet."""
    other = make_case().action
    return {
        "appeal": make_appeal().pk,
        "restricted_appeal": make_appeal(make_restricted_case().action).pk,
        "appeal_token": address_of(other).rstrip("/").rpartition("/")[2],
    }


def _looks_back(lead: User, item: Item, enforcement: Any) -> dict[str, Any]:
    """An incident about what was decided, its retrospective in writing, and an incident without one."""
    incident = make_incident(owner=lead)
    link = {"incident": incident, "added_by": lead, "added_at": NOW}
    IncidentItem.objects.create(item=item, **link)
    IncidentActor.objects.create(actor=item.actor, **link)
    IncidentEnforcement.objects.create(enforcement=enforcement, **link)
    retrospective = make_retrospective(incident=incident)
    action_item = ActionItem.objects.create(
        retrospective=retrospective, text="Ask the vendor.", owner=lead, created_at=NOW, check_back_on=NOW.date()
    )
    fresh = make_incident(owner=lead)
    return {
        "incident": incident.pk,
        "retrospective": retrospective.pk,
        "action_item": action_item.pk,
        "fresh": fresh.pk,
    }


def _generation(actor: Any) -> Any:
    return make_alert(generation=make_generation(actor=actor)).generation


def _restricted_item() -> Item:
    generation = make_alert(generation=make_generation(restricted=True)).generation
    return make_item(generation=generation)


def _closed(item: Item) -> Item:
    item.status, item.verdict, item.severity, item.closed_at = Item.Status.CLOSED, "violating", 2, NOW
    item.save()
    return item


@contextmanager
def undone() -> Iterator[set[str]]:
    """Take back whatever happens inside; yield the names of the tables that it wrote to."""
    written: set[str] = set()

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        result = execute(sql, params, many, context)
        if context["cursor"].rowcount:
            written.update(_WRITE.findall(str(sql)))
        return result

    with transaction.atomic(), connection.execute_wrapper(note):
        yield written
        transaction.set_rollback(True)
    written -= MAY_ALWAYS_BE_WRITTEN


def is_let_in(answer: HttpResponse) -> bool:
    """Say whether the asker was let in: a wrong form (422) or state (409) is told only to those who may."""
    return answer.status_code not in {401, 403, 404, 405} and not leads_to_sign_in(answer)


def leads_to_sign_in(answer: HttpResponse) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith("/accounts/login/?next=")

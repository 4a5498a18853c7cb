"""What leaves: STIX that the reference library takes, MISP of the shape that is documented, and no secret in either."""

import json
from datetime import UTC, datetime

import pytest
import stix2

from incidents.actors.pseudonyms import pseudonym_of
from incidents.linking import operations as linking
from incidents.linking.models import Word
from incidents.sharing import operations, queries
from incidents.sharing.operations import Format, Request
from incidents.sharing.wording import Tlp
from tests.factories import NOW, make_actor, make_user
from tests.sharing.made import BY_NAME, HOSTILE, make_incident_of, make_set, secrets_of
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

WORLD_WIDE = {one.id for one in (stix2.TLP_WHITE, stix2.TLP_GREEN, stix2.TLP_AMBER, stix2.TLP_RED)}
REASON = BY_NAME["reason"]


@pytest.fixture
def lead():
    return make_user(role="lead")


def asked(format=Format.STIX, **fields) -> Request:
    return Request(**{"format": format, "tlp": Tlp.AMBER, "title": "Review mill", **fields})


def shared(actors, lead, *arguments, **fields):
    chosen = queries.with_linked(actors[0], lead)
    return operations.share(chosen, asked(*arguments, **fields), by=lead)


def objects_of(file) -> dict[str, list]:
    bundle = stix2.parse(file.body.decode(), allow_custom=False)
    found: dict[str, list] = {}
    for one in bundle.objects:
        found.setdefault(one.type, []).append(one)
    return found


@pytest.mark.parametrize("tlp", Tlp)
@pytest.mark.parametrize("is_by_name", [True, False])
def test_a_bundle_is_strictly_stix_and_every_object_is_marked_and_by_us(lead, settings, tlp, is_by_name):
    settings.ORGANISATION_NAME = "Acme Safety"

    found = objects_of(shared(make_set(), lead, tlp=tlp, is_by_name=is_by_name, reason=REASON))

    us = next(one for one in found["identity"] if one.name == "Acme Safety")
    [marking] = found.pop("marking-definition")
    assert marking.id in WORLD_WIDE
    assert {len(found[kind]) for kind in ("user-account", "observed-data")} == {3}
    for kind, made in found.items():
        for one in made:
            assert [str(mark) for mark in one.object_marking_refs] == [marking.id]
            assert kind == "user-account" or one == us or one.created_by_ref == us.id
    refs = {one.id for made in found.values() for one in made}
    [grouping], [note] = found["grouping"], found["note"]
    assert set(grouping.object_refs) < refs
    assert note.object_refs == [grouping.id]
    assert "S2: 1, S4: 1" in note.content


def test_an_account_has_the_id_that_everyone_gives_it_and_says_if_it_was_stopped(lead):
    actors = make_set()

    accounts = objects_of(shared(actors, lead))["user-account"]

    for one in accounts:
        assert one.id == stix2.UserAccount(user_id=one.user_id, account_type=one.account_type).id
    assert {one.user_id for one in accounts} == {pseudonym_of(actor) for actor in actors[:3]}
    assert {one.account_type: one.is_disabled for one in accounts} == {"account": False, "user": False, "api-key": True}


def test_links_say_what_they_rest_on_and_what_a_person_said_stands_behind_an_actor_of_its_own(lead):
    found = objects_of(shared(make_set(), lead))

    said = {one.get("description"): one.get("confidence") for one in found["relationship"]}
    assert said["Said by a person."] == 90
    assert said["Have in common what few others have: payment."] == 70
    [behind] = found["threat-actor"]
    assert len([one for one in found["relationship"] if one.source_ref == behind.id]) == 2


def test_webs_that_nothing_holds_together_have_an_actor_each_behind_them(lead):
    first, second, third, fourth = (make_actor() for _place in range(4))
    for one, other in ((first, second), (third, fourth)):
        linking.say(one, other, Word.Verdict.ASSERTED, evidence="They say so.", by=lead)

    chosen = queries.of_incident(make_incident_of([first, second, third, fourth]), lead)

    found = objects_of(operations.share(chosen, asked(), by=lead))

    assert len({one.id for one in found["threat-actor"]}) == 2
    behind = [one.source_ref for one in found["relationship"] if one.source_ref.startswith("threat-actor")]
    assert sorted(behind.count(one.id) for one in found["threat-actor"]) == [2, 2]


def test_without_a_persons_word_nobody_is_named_as_a_threat_actor(lead):
    assert "threat-actor" not in objects_of(operations.share(queries.only(make_actor()), asked(), by=lead))


def test_times_are_whole_days_unless_ids_leave_too(lead):
    actors, at = [make_actor(created_at=NOW.replace(hour=9, minute=41))], NOW.replace(hour=9, minute=41)

    plain, by_name = (
        objects_of(shared(actors, lead, is_by_name=is_by_name, reason=REASON))["observed-data"][0]
        for is_by_name in (False, True)
    )

    assert plain.created == plain.first_observed == NOW.replace(hour=0, minute=0)
    assert by_name.created == by_name.first_observed == at


def test_what_is_restricted_counts_for_nothing(lead):
    text = shared(make_set(), lead).body.decode()

    assert "S3" not in text


def test_the_same_set_has_the_same_ids_again_and_others_once_ids_leave(lead):
    actors = make_set()

    once, again, by_name = (
        {one["id"] for one in json.loads(file.body)["objects"] if one["type"] not in {"marking-definition", "identity"}}
        for file in (shared(actors, lead), shared(actors, lead), shared(actors, lead, is_by_name=True, reason=REASON))
    )

    assert once == again
    assert not once & by_name


def test_an_event_has_the_shape_that_is_documented(lead):
    actors = make_set()

    event = json.loads(shared(actors, lead, Format.MISP, tlp=Tlp.GREEN).body)["Event"]

    assert (event["info"], event["distribution"], event["threat_level_id"]) == ("Review mill", "2", "1")
    assert event["Tag"] == [{"name": "tlp:green"}]
    assert datetime.strptime(event["date"], "%Y-%m-%d").replace(tzinfo=UTC)
    assert len(event["Object"]) == 4
    uuids = [one["uuid"] for one in event["Object"]]
    assert len(set(uuids)) == 4
    for one in event["Object"]:
        assert (one["name"], one["meta-category"], one["template_version"]) == ("user-account", "misc", "6")
        assert one["template_uuid"] == "49606b06-22f0-4ac8-8eee-2f12ad46f3d3"
        relations = [part["object_relation"] for part in one["Attribute"]]
        assert relations == ["user-id", "account-type", "disabled", "description"]
        assert {ref["referenced_uuid"] for ref in one["ObjectReference"]} <= set(uuids)
    assert event["Object"][0]["Attribute"][0]["value"] == pseudonym_of(actors[0])


# ── What stays ───────────────────────────────────────────


@pytest.mark.parametrize("format", Format)
def test_no_secret_stands_in_a_file_without_the_flag(lead, format):
    actors = make_set()

    text = shared(actors, lead, format).body.decode()

    whole = json.dumps(json.loads(text), ensure_ascii=False)
    assert [secret for secret in secrets_of(actors) if secret in text or secret in whole] == []


@pytest.mark.parametrize("format", Format)
def test_with_the_flag_ids_leave_and_identifiers_and_people_stay(lead, format):
    actors = make_set()

    file = shared(actors, lead, format, is_by_name=True, reason=REASON)

    whole = json.dumps(json.loads(file.body), ensure_ascii=False)
    assert all(json.dumps(actor.external_id, ensure_ascii=False) in whole for actor in actors)
    ids = {actor.external_id for actor in actors}
    kept = [text for text in secrets_of(actors) if text not in ids and not any(text in one for one in ids)]
    assert [text for text in kept if text in whole] == []


@pytest.mark.parametrize("format", Format)
def test_a_hostile_name_is_one_string_of_ascii_letters(lead, format):
    file = operations.share(
        queries.only(make_actor(external_id=HOSTILE)), asked(format, is_by_name=True, reason=REASON), by=lead
    )

    assert file.body.isascii()
    assert json.dumps(HOSTILE) in file.body.decode()
    assert file.name.isascii()


@pytest.mark.parametrize(
    ("title", "why"),
    [
        ("All of eve@example.org", "network address"),
        ("Behind 203.0.113.7", "network address"),
        ("Behind 2001:db8:0:1::7", "network address"),
        ("All of ACCT_first", "id of an actor"),
        ("Found by Perpetua Quill", "colleagues"),
    ],
)
def test_a_title_says_nothing_that_must_stay(lead, title, why):
    with pytest.raises(Refused, match=why):
        shared(make_set(), lead, title=title)

    assert not AuditEvent.objects.filter(kind__startswith="sharing").exists()


# ── Who may, and what is written down ────────────────────


def test_outside_ids_leave_with_permission_and_reason_alone(lead):
    chosen = queries.only(make_actor())

    with pytest.raises(Refused, match="Only leads"):
        operations.share(chosen, asked(is_by_name=True, reason=REASON), by=make_user(role="auditor"))
    with pytest.raises(Refused, match="20 characters"):
        operations.share(chosen, asked(is_by_name=True, reason="Because."), by=lead)
    with pytest.raises(Refused, match="leads and auditors"):
        operations.share(chosen, asked(), by=make_user(role="reviewer"))


def test_each_file_is_recorded_with_its_checksum_and_names_all_whom_it_is_of(lead):
    actors = make_set()
    incident = make_incident_of(actors[:2])

    file = operations.share(queries.of_incident(incident, lead), asked(is_by_name=True, reason=REASON), by=lead)

    event = AuditEvent.objects.get(kind="sharing.exported_incident_by_name")
    assert (event.by, event.reason) == (lead, REASON)
    assert event.data == {
        "format": "stix",
        "tlp": "amber",
        "actors": 2,
        "links": 1,
        "with_outside_ids": True,
        "bytes": len(file.body),
        "sha256": file.checksum,
    }
    assert event.subjects.count() == 3


def test_a_file_holds_a_thousand_actors_at_most(lead, monkeypatch):
    monkeypatch.setattr(queries, "MOST_ACTORS", 3)

    chosen = queries.of_incident(make_incident_of([make_actor() for _actor in range(5)]), lead)

    assert (len(chosen.actors), chosen.others) == (3, 2)

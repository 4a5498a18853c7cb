"""The live stream, by its own process on a real database: who is told what, and when it ends."""

import asyncio
import os
import socket
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from incidents.intake.models import Restriction
from incidents.queues import operations
from incidents.queues.stream import nudging
from incidents.queues.stream.address import socket_path
from incidents.queues.stream.handing import Watch, hand_on
from incidents.queues.stream.reading import Reader
from incidents.queues.stream.serving import Stream
from incidents.review import operations as review
from tests.factories import NOW, make_clearance, make_queue, make_round, make_user
from tests.harness import stream as streams

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stream(data_dir, monkeypatch):
    monkeypatch.setattr(nudging, "_next_at", 0.0)
    with streams.running(data_dir) as running:
        yield running


def test_who_comes_is_told_how_the_queues_stand_and_then_what_changes(stream):
    queue, reviewer = make_queue(slug="spam"), make_user()
    for _place in range(2):
        make_round(queue=queue, due_at=timezone.now() + timedelta(hours=1))
    viewing = stream.look(reviewer)

    at_first = viewing.next("counts")
    operations.claim(queue, by=reviewer)
    later = viewing.next("counts")

    assert viewing.status == "HTTP/1.1 200 OK"
    assert at_first == {"spam": {"waiting": 2, "overdue": 0, "held": 0, "came_in": 0, "went_out": 0}}
    assert (later["spam"]["waiting"], later["spam"]["held"]) == (1, 1)


def test_a_lead_is_told_who_holds_a_row_and_who_decided_it(stream):
    queue, reviewer = make_queue(), make_user(name="Bo Lind")
    waiting = make_round(queue=queue)
    viewing = stream.look(make_user(role="lead"), queue=queue.pk)
    at_first = viewing.next("rows")

    claim = operations.claim(queue, by=reviewer)
    held = viewing.next("rows")
    review.decide(waiting, fence=claim.fence, verdict="benign", by=reviewer)
    closed = viewing.next("rows")

    assert at_first == {"held": [], "closed": []}
    assert held == {"held": [[waiting.pk, "Bo Lind"]], "closed": []}
    assert closed == {"held": [], "closed": [[waiting.pk, "Bo Lind"]]}


def test_a_change_without_a_nudge_is_found_all_the_same(stream):
    queue = make_queue(slug="spam")
    viewing = stream.look(make_user())
    viewing.next("counts")

    make_round(queue=queue)

    assert viewing.next("counts")["spam"]["waiting"] == 1


def test_a_reviewer_is_told_of_no_rows(stream):
    queue, reviewer = make_queue(), make_user()
    make_round(queue=queue)
    watching, lead = stream.look(reviewer, queue=queue.pk), stream.look(make_user(role="lead"), queue=queue.pk)
    lead.next("rows")

    operations.claim(queue, by=reviewer)
    lead.next("rows")
    make_round(queue=queue)
    while (counts := watching.next("counts")[queue.slug])["waiting"] != 1 or counts["held"] != 1:
        pass

    assert set(watching.seen) == {"counts"}


@pytest.mark.parametrize("is_cleared", [False, True])
def test_a_restricted_queue_is_told_of_only_to_the_cleared(stream, is_cleared):
    make_queue(slug="open")
    make_queue(slug="closed", restricted_category="child_safety")
    lead = make_user(role="lead")
    if is_cleared:
        make_clearance(lead)

    told = stream.look(lead).next("counts")

    assert ("closed" in told, "open" in told) == (is_cleared, True)


def test_the_leads_queue_is_told_of_only_to_leads(stream):
    make_queue(slug="open")
    make_queue(slug="escalated", is_for_leads=True)

    told = [set(stream.look(make_user(role=role)).next("counts")) for role in ("reviewer", "lead")]

    assert told[1] - told[0] == {"escalated"}


def test_a_row_that_became_restricted_is_told_of_only_to_the_cleared(stream):
    queue, holder, cleared = make_queue(), make_user(name="Bo Lind"), make_user(role="lead")
    make_clearance(cleared)
    held = make_round(queue=queue, lease_by=holder)
    Restriction.objects.create(generation=held.item.generation, category="child_safety", created_at=NOW)

    told = [stream.look(lead, queue=queue.pk).next("rows")["held"] for lead in (make_user(role="lead"), cleared)]

    assert told == [[], [[held.pk, "Bo Lind"]]]


# ── Who may look ─────────────────────────────────────────


@pytest.mark.parametrize("changes", [{"session": "gone"}, {"stamp": "old"}, {"roles": "admin"}])
def test_who_is_not_signed_in_as_they_say_is_turned_away(stream, changes):
    viewing = stream.look(make_user(), **changes)

    assert viewing.status == "HTTP/1.1 204 No Content"
    assert viewing.next("counts") is None


def ended(person):
    person.is_active = False
    person.save()


def demoted(person):
    person.roles = ["auditor"]
    person.save()


def with_another_password(person):
    person.set_password("another-long-password")
    person.save()


def signed_out(person):
    for session in Session.objects.all():
        if session.get_decoded()["_auth_user_id"] == str(person.pk):
            session.delete()


@pytest.mark.long
def test_a_stream_ends_when_the_person_may_no_longer_look(stream):
    make_queue()
    changes = [ended, demoted, with_another_password, signed_out]
    people, stays = [make_user() for _change in changes], make_user()
    viewings = [stream.look(person) for person in (*people, stays)]
    for viewing in viewings:
        viewing.next("counts")

    for change, person in zip(changes, people, strict=True):
        change(person)

    assert [viewing.next("gone") for viewing in viewings[:4]] == [None] * 4  # asked for anew every 20 seconds
    make_queue(slug="further")
    assert "further" in viewings[4].next("counts")


def test_what_is_handed_to_nobody_is_left_to_the_web_server(data_dir):
    watch = Watch(session="", person=1, stamp="", roles="", is_lead=False, queue=0)
    served, looking = socket.socketpair()

    with served, looking:
        assert not hand_on(served, watch, to=data_dir / "events.sock")
        assert not hand_on(None, watch, to=data_dir / "events.sock")


@pytest.fixture
def temporary(monkeypatch):
    """The folder of what is temporary; its path is short, as a socket's must be."""
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def open_to_others(folder):
    folder.mkdir()
    folder.chmod(0o755)


def elsewhere(folder):
    target = folder.with_name("of-another")
    target.mkdir(mode=0o700)
    folder.symlink_to(target)


def of_another_user(folder):
    folder.mkdir(mode=0o700)
    if os.geteuid() != 0:
        pytest.skip("only root gives a folder to another user")
    os.chown(folder, 65534, 65534)


@pytest.mark.parametrize("make", [open_to_others, elsewhere, of_another_user])
def test_nothing_is_handed_on_or_taken_in_a_folder_that_others_may_have_made(temporary, make):
    path = socket_path(temporary / ("long" * 30))
    make(path.parent)
    watch = Watch(session="", person=1, stamp="", roles="", is_lead=False, queue=0)
    ours, looking = socket.socketpair()

    with ours, looking, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as theirs:
        theirs.bind(str(path))
        assert not hand_on(ours, watch, to=path)
        with pytest.raises(PermissionError, match="not a folder of this system user alone"):
            asyncio.run(Stream(Reader("")).run(path))


def test_a_folder_of_our_own_serves_where_the_data_folder_is_too_deep(temporary):
    path = socket_path(temporary / ("long" * 30))
    path.parent.mkdir(mode=0o700)
    ours, looking = socket.socketpair()

    with ours, looking, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as process:
        process.bind(str(path))
        assert hand_on(ours, Watch(session="", person=1, stamp="", roles="", is_lead=False, queue=0), to=path)


def test_a_page_without_a_stream_is_told_not_to_ask_again(client):
    client.force_login(make_user())

    assert client.get("/events/").status_code == 204

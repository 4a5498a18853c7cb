"""What leads are told by e-mail: once, an hour apart, and never lost, seen by a real server."""

from datetime import datetime, timedelta

import pytest
from django.db import connection

from incidents.appeals.models import Appeal
from incidents.enforcement.models import Delivery
from incidents.notices import operations, queries, tasks
from incidents.notices.models import Mail, Notice, OptOut
from tests.appeals.factories import make_appeal
from tests.factories import NOW, make_enforcement, make_user
from tests.harness.mail import mail_server
from tests.outgoing.factories import give_up, make_message
from trust import clock
from trust.environment import BadSetting, mail_server as read_mail_server
from trust.outgoing.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings):
    with mail_server() as server:
        settings.IS_EMAIL_ON = True
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def lead():
    return make_user(role="lead", name="Ana Ruiz", email="ana@example.org")


def tell(minutes: float = 0) -> None:
    with clock.at(NOW + timedelta(minutes=minutes)):
        tasks.tell()


def test_a_lead_is_told_once_of_all_that_waits_and_of_nobody_by_name(server, lead):
    actions = [make_enforcement() for _action in range(2)]
    make_enforcement(proposed_by=lead)
    make_enforcement(kind="warning")

    tell()
    tell(1)

    [mail] = server.taken
    text = mail.get_payload()
    assert mail["To"] == "ana@example.org"
    assert mail["Subject"] == "Trustdesk: 2 things wait for you"
    assert "2 actions wait for a second person." in text
    assert "/enforcement/" in text
    said = [one.actor.external_id for one in actions] + [one.reason for one in actions]
    assert [word for word in said if word in text] == []
    assert mail.get_content_type() == "text/plain"


def test_what_comes_within_the_hour_waits_for_the_next_mail(server, lead):
    make_enforcement()
    tell()
    make_enforcement()

    tell(59)
    assert len(server.taken) == 1
    tell(61)

    assert len(server.taken) == 2
    assert "1 action waits" in server.taken[1].get_payload()


def test_a_server_that_refuses_loses_nothing_and_is_tried_again_later_and_later(server, lead):
    make_enforcement()
    server.is_failing = True

    for minutes in (0, 0.5, 1, 2, 6):
        tell(minutes)

    assert Mail.objects.get().attempts == 3
    server.is_failing = False
    tell(7)
    assert server.taken == []
    tell(36)
    tell(400)
    assert [mail["Message-ID"] for mail in server.taken] == [f"<notice-{Mail.objects.get().pk}@trustdesk>"]
    assert Mail.objects.get().sent_at == NOW + timedelta(minutes=36)


def test_nobody_at_the_other_end_loses_nothing(server, lead, settings):
    make_enforcement()
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1

    tell()
    settings.EMAIL_PORT = port
    tell(2)

    assert len(server.taken) == 1


def test_an_appeal_is_told_when_it_comes_and_again_when_it_is_overdue(server, lead):
    appeal = make_appeal()
    after = (appeal.due_at - NOW).total_seconds() / 60

    with clock.at(appeal.received_at):
        operations.note(lead)
    kinds = set(Notice.objects.filter(person=lead, subject=appeal.pk).values_list("kind", flat=True))
    with clock.at(NOW + timedelta(minutes=after + 1)):
        operations.note(lead)

    assert kinds == {"appeal_received"}
    assert Notice.objects.filter(person=lead, subject=appeal.pk, kind="appeal_overdue").count() == 1
    assert Appeal.objects.get() == appeal


def test_who_wants_no_mail_and_who_is_no_lead_gets_none(server, client, lead):
    make_user()
    client.force_login(lead)
    make_enforcement()

    client.post("/settings/notices/", {})
    tell()
    assert (server.taken, OptOut.objects.get().person) == ([], lead)
    client.post("/settings/notices/", {"wanted": "1"})
    tell(1)

    assert len(server.taken) == 1


def test_what_was_gathered_before_somebody_opted_out_does_not_go(server, lead):
    make_enforcement()
    server.is_failing = True
    tell()
    operations.opt_out(lead)
    server.is_failing = False

    tell(2)

    assert server.taken == []
    assert Mail.objects.get().dropped_at == NOW + timedelta(minutes=2)


def test_what_no_server_took_for_three_days_is_dropped_and_stays_on_record(server, lead):
    make_enforcement()
    server.is_failing = True
    for hours in (0, 1, 70):
        tell(60 * hours)
    server.is_failing = False

    tell(60 * 73)

    assert server.taken == []
    assert Mail.objects.get().dropped_at == NOW + timedelta(hours=73)


def make_delivery_given_up(at: datetime, *, created_at: datetime = NOW) -> int:
    message = give_up(make_message(), at)
    Message.objects.filter(pk=message.pk).update(created_at=created_at)
    Delivery.objects.create(enforcement=make_enforcement(kind="warning"), message=message, purpose="carry_out")
    return message.pk


def told_as_given_up(lead) -> list[int]:
    return [number for kind, number in queries.news_for(lead, NOW) if kind == "given_up"]


def test_of_what_was_given_up_only_what_is_new_is_looked_at(lead):
    _old, new = (make_delivery_given_up(NOW - queries.NEWS_FOR + timedelta(seconds=later)) for later in (0, 1))

    assert told_as_given_up(lead) == [new]


def test_what_waited_for_long_before_it_was_given_up_is_told(lead):
    late = make_delivery_given_up(NOW, created_at=NOW - 2 * queries.NEWS_FOR)

    assert told_as_given_up(lead) == [late]


def test_how_much_somebody_was_told_before_is_not_read(lead, django_assert_max_num_queries):
    make_delivery_given_up(NOW)
    Notice.objects.bulk_create(
        Notice(person=lead, kind="given_up", subject=number, at=NOW) for number in range(10**6, 10**6 + 5000)
    )

    with django_assert_max_num_queries(10) as asked:
        told_as_given_up(lead)

    [of_notices] = [one["sql"] for one in asked.captured_queries if "\"kind\" = 'given_up'" in one["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"explain (analyze, buffers, format json) {of_notices}")
        plan = cursor.fetchone()[0][0]["Plan"]
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 15


def test_without_a_server_nothing_is_written_and_the_settings_say_so(client, lead):
    make_enforcement()
    client.force_login(lead)

    tell()

    assert not Notice.objects.exists()
    assert "Mail is off" in client.get("/settings/notices/").content.decode()


@pytest.mark.parametrize("address", ["mail.example.org", "http://mail.example.org", "smtp://", "smtp://host:many"])
def test_an_address_that_makes_no_sense_stops_the_start(monkeypatch, address):
    monkeypatch.setenv("EMAIL_URL", address)

    with pytest.raises(BadSetting, match="EMAIL_URL must look like"):
        read_mail_server("EMAIL_URL")


def test_an_address_is_read_with_its_password(monkeypatch):
    monkeypatch.setenv("EMAIL_URL", "smtp+tls://me:p%40ss@mail.example.org")

    found = read_mail_server("EMAIL_URL")

    assert (found.scheme, found.host, found.port, found.user, found.password) == (
        "smtp+tls",
        "mail.example.org",
        587,
        "me",
        "p@ss",
    )

"""The page behind a signed link: what it tells, what it takes, and that it gives nothing away."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.signing import TimestampSigner
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format

from incidents.appeals import operations
from incidents.appeals.models import Appeal, Asks
from incidents.enforcement import links, operations as enforcement
from incidents.enforcement.models import EnforcementAction
from tests.appeals.factories import TEXT, judge, make_appeal, make_case
from tests.enforcement.factories import propose
from tests.factories import make_enforcement, make_user
from tests.outgoing.factories import make_endpoint
from trust import clock
from trust.outgoing.models import Message

pytestmark = pytest.mark.django_db


def path_of(action: EnforcementAction) -> str:
    return links.address_of(action).partition("/appeal/")[2].join(["/appeal/", ""])


def signed(value: object, *, salt: str = links.SALT) -> str:
    return f"/appeal/{TimestampSigner(salt=salt).sign(str(value))}/"


def ask(path: str, **headers: str) -> Any:
    return Client(headers={"Accept-Language": "en", **headers}).get(path)


def send(path: str, text: str = TEXT, **options: Any) -> Any:
    return Client(headers={"Accept-Language": "en"}).post(path, {"text": text}, **options)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let links be read so many days later."""

    def pass_days(days: float) -> None:
        at = (timezone.now() + timedelta(days=days)).timestamp()
        monkeypatch.setattr("django.core.signing.time.time", lambda: at)

    return pass_days


# ── What it says and takes ───────────────────────────────


def test_it_says_the_kind_the_time_and_the_public_words_and_nothing_else():
    case = make_case()
    text = case.findings[0].violations.get().clause

    page = ask(path_of(case.action)).content.decode()

    assert "Suspension" in page
    assert text.public_text in page
    said = [text.definition, text.title, case.action.reason, case.action.actor.external_id, text.clause.key]
    people = [*(decision.by for decision in case.findings), case.proposer, case.approver]
    said += [name for person in people for name in (person.name, person.email, person.pseudonym)]
    said += [str(message["content"]) for message in case.findings[0].item.generation.content.messages]
    assert [word for word in said if word and word in page] == []


def test_an_appeal_is_taken_as_it_came_and_acknowledged():
    path = path_of(make_case().action)

    answer = Client(headers={"Accept-Language": "en"}).post(path, {"text": f"  {TEXT} "}, follow=True)

    appeal = Appeal.objects.get()
    assert answer.redirect_chain == [(path, 303)]
    assert appeal.text == f"  {TEXT} "
    assert appeal.way == "link"
    assert appeal.reference in answer.content.decode()
    assert TEXT not in answer.content.decode()


def test_a_second_one_is_told_that_one_is_open():
    appeal = make_appeal()

    answer = send(path_of(appeal.enforcement), "And another thing.")

    assert answer.status_code == 409
    assert appeal.reference in answer.content.decode()
    assert Appeal.objects.count() == 1


def test_an_end_that_was_moved_is_said_to_be_so():
    case = make_case()
    later = case.action.ends_at + timedelta(days=30)
    extension = enforcement.extend(case.action, ends_at=later, reason="They went on.", by=case.proposer)
    before = ask(path_of(case.action)).content.decode()
    enforcement.approve_extension(extension, reason="They did.", by=case.approver)

    page = ask(path_of(case.action)).content.decode()

    assert date_format(later, "DATE_FORMAT") in page
    assert "Its end was moved since" in page
    assert "Its end was moved since" not in before


def test_what_begins_later_holds_from_then_on():
    starts_at = timezone.now() + timedelta(days=3)
    action = make_case(starts_at=starts_at).action
    with clock.at(starts_at):
        enforcement.begin_next()

    page = ask(path_of(action)).content.decode()

    assert f"<span>{date_format(starts_at, 'DATE_FORMAT')}</span>" in page


def test_the_outcome_stands_under_the_same_link_and_a_replayed_form_changes_nothing():
    appeal = make_appeal()
    path, judging = path_of(appeal.enforcement), make_user(role="lead")
    judge(appeal, by=judging)

    page = ask(path).content.decode()
    replayed = send(path)

    assert "The decision was overturned." in page
    assert "It has been taken back." in page
    assert "You were right." in page
    assert "The quotation marks are there." not in page
    assert judging.name not in page
    assert judging.pseudonym not in page
    assert replayed.status_code == 409
    assert Appeal.objects.count() == 1


def test_the_order_to_carry_out_brings_the_link():
    make_endpoint()
    case = make_case()

    url = Message.objects.get(kind="enforcement.approved").payload["data"]["appeal_url"]

    assert url.startswith("http://127.0.0.1")
    assert "Suspension" in ask(url.partition("//")[2].partition("/")[2].join(["/", ""])).content.decode()
    assert links.opened(url.rstrip("/").rpartition("/")[2]).enforcement == case.action.pk


@pytest.mark.parametrize("text", ["", "   \n", " \u200b\u2800", "x" * 5001])
def test_what_does_not_fit_is_said_beside_the_field(text: str):
    answer = send(path_of(make_case().action), text)

    assert answer.status_code == 422
    assert "id_text_error" in answer.content.decode()
    assert not Appeal.objects.exists()


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ settings.SECRET_KEY }}{% debug %}",
    "\u202egnp.exe\u200b\u2066",
    "'; drop table appeals_appeal; --",
    "a\0b",
    "\U0001f600" * 5000,
    "\r\nSet-Cookie: a=b",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_kept_or_refused_and_never_runs(text: str):
    path = path_of(make_case().action)

    answer = send(path, text)
    wrong = send(path_of(make_case().action), text + "x" * 5001)

    assert answer.status_code in {303, 422}
    assert "Set-Cookie: a" not in str(answer.headers)
    for page in (ask(path), wrong):
        assert "<script" not in page.content.decode()
        assert "<img" not in page.content.decode()


@pytest.mark.parametrize("body", [b"\xff\xfe", b"text=%00%ff", b"text=%ED%A0%80", b"text[]=1", b"=", b"&" * 900])
def test_no_body_breaks_it(body: bytes):
    path = path_of(make_case().action)

    answer = Client().post(path, body, content_type="application/x-www-form-urlencoded")

    assert answer.status_code in {303, 400, 422}


# ── What it gives away: nothing ──────────────────────────


def bad_links() -> dict[str, str]:
    action = make_case().action
    good = path_of(action)
    number, _colon, rest = good.removeprefix("/appeal/").rstrip("/").partition(":")
    return {
        "another number": f"/appeal/{int(number) + 1}:{rest}/",
        "a spoilt signature": f"{good[:-2]}{'a' if good[-2] != 'a' else 'b'}/",
        "a cut signature": f"{good[:-5]}/",
        "no signature": f"/appeal/{number}/",
        "another salt": signed(action.pk, salt="django.core.signing"),
        "no such action": signed(2**62),
        "beyond all numbers": signed(10**30),
        "no number": signed("all"),
        "negative": signed(-1),
        "other digits": signed("\u0661"),
        "only proposed": signed(propose().pk),
        "only recommended": signed(make_enforcement(status="recommended", proposed_by=None, proposed_at=None).pk),
        "very long": f"/appeal/{'9' * 6000}/",
    }


NAMES = (
    "another number",
    "a spoilt signature",
    "a cut signature",
    "no signature",
    "another salt",
    "no such action",
    "beyond all numbers",
    "no number",
    "negative",
    "other digits",
    "only proposed",
    "only recommended",
    "very long",
)


def told(answer: Any) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Everything that an asker sees, but the request's own number."""
    headers = sorted((name, value) for name, value in answer.items() if name != "X-Request-Id")
    return answer.status_code, answer.content, headers


def test_every_bad_link_answers_alike_byte_by_byte_at_the_same_work(later: Any):
    answers, work = {}, {}
    paths = bad_links()
    assert tuple(paths) == NAMES
    expired = path_of(make_case().action)
    for name, path in {**paths, "expired": expired}.items():
        if name == "expired":
            later(184)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answers[name] = told(ask(path))
        work[name] = [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries]

    assert {answer[0] for answer in answers.values()} == {404}
    assert len(set(map(str, answers.values()))) == 1
    assert len(set(map(str, work.values()))) == 1
    assert len(work["expired"]) == 5


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_taken_by_a_bad_link(name: str):
    answer = send(bad_links()[name])

    assert answer.status_code == 404
    assert not Appeal.objects.exists()


def test_an_expired_link_takes_nothing_but_still_shows_what_came_of_an_appeal(later: Any):
    case, unused = make_case(), path_of(make_case().action)
    path = path_of(case.action)
    judge(make_appeal(case.action), "upheld")
    later(190)

    assert ask(unused).status_code == 404
    assert send(unused).status_code == 404
    assert "The decision stands." in ask(path).content.decode()
    later(183 + 184)
    assert ask(path).status_code == 404


def test_it_opens_no_session_and_is_kept_by_nobody():
    answer = ask(path_of(make_case().action))

    assert "session" not in answer.cookies
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert b"<script" not in answer.content
    assert not ask("/appeal/x/").cookies


def test_a_signed_in_person_sees_the_same():
    path, client = path_of(make_case().action), Client(headers={"Accept-Language": "en"})
    client.force_login(make_user(role="lead"))

    pages = [client.get(path).content, ask(path).content]

    assert len({re.sub(rb'value="[^"]{64}"', b"", page) for page in pages}) == 1


def test_it_speaks_german():
    page = ask(path_of(make_case().action), **{"Accept-Language": "de"}).content.decode()

    assert "Einspruch senden" in page


# ── How often ────────────────────────────────────────────
# The database counts by the minute in which the transaction began, which is the whole test here.


@pytest.mark.parametrize("good", [True, False])
def test_one_link_is_answered_twenty_times_a_minute_good_or_not(good: bool):
    path = path_of(make_case().action) if good else "/appeal/1:a:b/"

    answers = [ask(path).status_code for _time in range(21)]

    assert answers == [200 if good else 404] * 20 + [429]


def test_one_address_is_answered_sixty_times_a_minute_whatever_the_links():
    answers = [ask(f"/appeal/{number}:a:b/") for number in range(61)]
    elsewhere = Client(REMOTE_ADDR="198.51.100.7").get("/appeal/1:a:b/")

    assert [answer.status_code for answer in answers] == [404] * 60 + [429]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60
    assert elsewhere.status_code == 404


def test_one_address_sends_six_a_minute_and_no_address_is_kept():
    answers = [send(path_of(make_case(findings=0).action)).status_code for _time in range(7)]

    assert answers == [303] * 6 + [429]
    assert Appeal.objects.count() == 6
    assert all(re.fullmatch(r"[0-9a-f]{64}", one.who) for one in Asks.objects.all())


def test_what_counts_no_more_is_forgotten():
    ask("/appeal/1:a:b/")
    Asks.objects.update(minute=timezone.now() - timedelta(minutes=6))
    ask("/appeal/1:a:b/")

    assert operations.forget_asks() == 2
    assert Asks.objects.count() == 2

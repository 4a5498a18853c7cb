"""The page and its files: who sees exact counts, what the others see, and what it costs."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from incidents.statistics import exports
from tests.factories import make_actor, make_clause, make_source, make_user
from tests.statistics.made import make_counted, make_many
from trust import clock
from trust.audit.models import AuditEvent
from trust.permissions import Role

pytestmark = pytest.mark.django_db

TODAY = datetime(2026, 11, 6, 12, 0, tzinfo=UTC)
EXACT_ROLES = {Role.LEAD, Role.ANALYST, Role.AUDITOR}
SUPPRESSED_ROLES = {Role.POLICY_EDITOR, Role.POLICY_APPROVER, Role.ADMIN}
PAGE, CSV, JSON = (reverse(f"statistics:{name}") for name in ("explorer", "export_csv", "export_json"))


@pytest.fixture(autouse=True)
def _today():
    with clock.at(TODAY):
        yield


@pytest.fixture
def counted():
    """A clause of three actors, one of twelve and one of thirty, decided in the week of 2 November."""
    clauses = [make_clause(title=f"Clause of {number}") for number in (3, 12, 30)]
    for clause, number in zip(clauses, (3, 12, 30), strict=True):
        make_many([make_actor() for _ in range(number)], clause)
    return clauses


def rows_of(response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.content.decode())))


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("url", [PAGE, CSV, JSON])
def test_who_may_open_statistics(client, role, url):
    client.force_login(make_user(role=role))

    assert client.get(url).status_code == (200 if role in EXACT_ROLES | SUPPRESSED_ROLES else 403)


@pytest.mark.parametrize("url", [PAGE, CSV, JSON])
def test_strangers_are_led_to_the_sign_in_page(client, url):
    assert client.get(url).status_code == 302


@pytest.mark.parametrize("url", [PAGE, CSV, JSON])
@pytest.mark.parametrize("role", sorted(SUPPRESSED_ROLES))
def test_exact_counts_are_refused_to_who_may_not_see_them(client, role, url):
    client.force_login(make_user(role=role))

    assert client.get(url, {"view": "exact"}).status_code == 403


@pytest.mark.usefixtures("counted")
def test_the_page_of_an_analyst_is_exact(client):
    client.force_login(make_user(role="analyst"))

    response = client.get(PAGE)

    assert response.context["explorer"].table.total.count == 45
    assert response.context["explorer"].table.hidden == 0


@pytest.mark.usefixtures("counted")
def test_the_page_of_a_policy_editor_hides_few(client):
    client.force_login(make_user(role="policy_editor"))

    response = client.get(PAGE)

    assert response.context["explorer"].table.is_suppressed
    assert response.context["explorer"].table.hidden > 0
    assert "exact_csv" not in response.context["downloads"]
    assert "Counts of few actors are hidden" in response.content.decode()


def test_the_download_is_suppressed_unless_asked_otherwise(client, counted):
    client.force_login(make_user(role="analyst"))
    few = counted[0].clause.policy.key

    published = {(row["week"], row["policy"]): row for row in rows_of(client.get(CSV))}
    exact = {(row["week"], row["policy"]): row for row in rows_of(client.get(CSV, {"view": "exact"}))}

    assert published[("2026-11-02", few)]["violations"] == ""
    assert published[("2026-11-02", few)]["hidden"] == "yes"
    assert published[("2026-11-02", few)]["why"] == exports.why_hidden()
    assert "actors" not in published[("total", "total")]
    assert exact[("2026-11-02", few)]["violations"] == "3"
    assert exact[("2026-11-02", few)]["actors"] == "3"
    assert exact[("total", "total")]["violations"] == "45"


def test_taking_exact_counts_out_is_recorded_and_publishing_is_not(client):
    analyst = make_user(role="analyst")
    client.force_login(analyst)

    client.get(CSV)
    client.get(JSON, {"view": "exact", "across": "verdict"})

    event = AuditEvent.objects.get(kind="statistics.exported")
    assert event.by_id == analyst.pk
    assert event.data["across"] == "verdict"


def test_both_files_say_the_same(client, counted):
    client.force_login(make_user(role="analyst"))

    document = json.loads(client.get(JSON).content)
    rows = rows_of(client.get(CSV))

    assert document["is_suppressed"]
    assert [(cell["row"], cell["column"]) for cell in document["cells"]] == [
        (row["week"], row["policy"]) for row in rows
    ]
    assert [cell["count"] for cell in document["cells"]] == [
        int(row["violations"]) if row["violations"] else None for row in rows
    ]
    assert document["hidden"] == sum(row["hidden"] == "yes" for row in rows)


def test_a_download_is_an_attachment_named_for_its_table(client):
    client.force_login(make_user(role="lead"))

    response = client.get(CSV)

    assert response["Content-Disposition"] == (
        'attachment; filename="trustdesk-week-policy-2026-10-05-2027-01-03-suppressed.csv"'
    )
    assert response["Cache-Control"] == "no-store"


def test_no_text_of_a_file_is_a_formula(client):
    make_counted(verdict="benign", source=make_source(slug="-cmd"))
    client.force_login(make_user(role="lead"))

    rows = rows_of(client.get(CSV, {"view": "exact", "across": "source"}))

    assert {row["source"] for row in rows} == {"'-cmd", "total"}


@pytest.mark.parametrize(
    "query",
    [
        {"by": "day"},
        {"across": "clause"},
        {"from": "2026-10-05", "to": "2026-08-01"},
        {"source": "a"},
        {"verdict": "benign"},
        {"severity": "3"},
        {"policy": "spam"},
    ],
)
@pytest.mark.usefixtures("counted")
def test_what_may_be_published_is_never_narrowed(client, query):
    client.force_login(make_user(role="analyst"))

    response = client.get(CSV, query)

    assert response.status_code == 400


def test_what_may_be_published_is_a_whole_quarter_whatever_day_is_named(client):
    client.force_login(make_user(role="analyst"))

    texts = {client.get(CSV, {"from": day}).content for day in ("2026-10-05", "2026-10-14", "2026-11-06")}

    assert len(texts) == 1


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"by": "year"}, "Select a valid choice"),
        ({"from": "yesterday"}, "Enter a valid date"),
        ({"from": "1999-12-31"}, "Choose a day from"),
        ({"from": "2026-11-05", "to": "2026-11-01"}, "Choose a day before the end"),
        ({"from": "2030-01-01", "to": "2031-01-01"}, "lies in the future"),
        ({"by": "day", "from": "2020-01-01"}, "more than 400 rows"),
        ({"policy": "no-such"}, "Select a valid choice"),
    ],
)
def test_what_makes_no_sense_is_said_at_the_form(client, query, words):
    client.force_login(make_user(role="analyst"))

    response = client.get(PAGE, query)

    assert response.status_code == 400
    assert words in response.content.decode()


@pytest.mark.parametrize("across", ["policy", "clause", "severity", "verdict", "source"])
@pytest.mark.parametrize("by", ["day", "week", "month"])
@pytest.mark.usefixtures("counted")
def test_every_exact_cut_can_be_seen(client, by, across):
    client.force_login(make_user(role="analyst"))

    response = client.get(PAGE, {"by": by, "across": across})

    assert response.status_code == 200
    assert response.context["explorer"].table.total.count == 45


def test_a_column_leads_to_what_it_is_made_of(client, counted):
    client.force_login(make_user(role="analyst"))

    bars = client.get(PAGE).context["explorer"].bars.bars
    narrower = client.get(bars[0].url)

    assert narrower.context["explorer"].table.total.count == 30
    assert [column.key for column in narrower.context["explorer"].table.columns] == [counted[2].clause.key]


@pytest.mark.parametrize("role", ["analyst", "policy_editor"])
def test_the_page_takes_the_same_queries_with_2_decisions_and_with_60(client, role, django_assert_num_queries):
    client.force_login(make_user(role=role))
    client.get(PAGE)
    for number in (2, 60):
        clause = make_clause()
        make_many([make_actor() for _ in range(number)], clause)
        with django_assert_num_queries(10 if role == "analyst" else 6):
            client.get(PAGE)


def test_an_empty_installation_says_so(client):
    client.force_login(make_user(role="analyst"))

    text = client.get(PAGE).content.decode()

    assert "Nothing was counted" in text
    assert "too few to say" in text

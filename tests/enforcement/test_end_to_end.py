"""From approval to a real receiver through real processes, some of which are killed on the way."""

import time
from pathlib import Path

import psycopg
import pytest

from tests.harness.instance import Instance
from tests.harness.receiver import Receiver

pytestmark = pytest.mark.kill

SECONDS = 120  # a few rounds of the scheduler, and processes that have to come back
APPROVE = "from tests.enforcement.factories import approve, propose; print(approve(propose()).pk)"
STATUS = "select status from enforcement_enforcementaction"
REVERSE = """
from incidents.enforcement import operations
from incidents.enforcement.models import EnforcementAction
from tests.factories import make_user

operations.reverse(EnforcementAction.objects.get(), reason="A slip.", by=make_user(role="lead"))
"""


def run(trustdesk: Instance, code: str) -> str:
    """Run ``code`` with the settings of the instance, broker included, and return the last line it printed."""
    return (trustdesk.manage("shell", "-v", "0", "-c", code).splitlines() or [""])[-1]


def wait_for_status(trustdesk: Instance, status: str) -> None:
    deadline = time.monotonic() + SECONDS
    with psycopg.connect(trustdesk.database_urls.owner, autocommit=True) as database:
        while (found := database.execute(STATUS).fetchall()) != [(status,)]:
            assert time.monotonic() < deadline, f"still {found}"
            time.sleep(0.2)


def test_an_approval_and_its_reversal_reach_the_receiver_although_processes_die(tmp_path: Path, receiver: Receiver):
    with Instance(tmp_path / "data") as trustdesk:
        secret = trustdesk.manage("create_endpoint", "platform", receiver.url).splitlines()[-1]
        trustdesk.kill("worker")
        trustdesk.kill("scheduler")
        number = int(run(trustdesk, APPROVE))

        wait_for_status(trustdesk, "in_force")
        run(trustdesk, REVERSE)
        messages = [request.verified(secret) for request in receiver.wait_for(2, SECONDS)]
        audit = trustdesk.manage("verify_audit")

    assert {message["type"] for message in messages} == {"enforcement.approved", "enforcement.lifted"}
    assert {message["data"]["action"] for message in messages} == {number}
    assert audit

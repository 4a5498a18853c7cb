"""What every test stands on: the database as the application's role, and the order in which tests run."""

import os
import tempfile
from collections.abc import Iterator
from itertools import chain, groupby
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management.commands import flush
from django.db import connection
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from tests.harness import database, instance
from tests.harness.receiver import Receiver

pytest_plugins = ["tests.harness.browser", "tests.harness.server", "tests.access.fixtures"]

SLOW = ("browser", "kill", "long")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        instance.forget_set_up()
        config.add_cleanup(instance.forget_set_up)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run fast tests first and keep the order otherwise, so that a plain mistake shows within seconds.

    Of several processes each begins with its own part of the list, which is cut by number: the parts hold as many, so
    that none begins with the slow ones. What one has not come to yet, another that is done takes over.
    """
    items.sort(key=_slowness)
    parts: list[list[pytest.Item]] = [[] for _ in range(int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))]
    for _module, of_one in groupby(items, key=lambda item: (_slowness(item), item.path)):
        min(parts, key=len).extend(of_one)
    items[:] = chain.from_iterable(sorted(parts, key=len))


def _slowness(item: pytest.Item) -> int:
    return max((SLOW.index(name) + 1 for name in SLOW if item.get_closest_marker(name)), default=0)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Build the test database as the owner, then let Django use it as the application's role."""
    with django_db_blocker.unblock(), database.running():
        connection.close()
        connection.settings_dict["NAME"] = database.NAME
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(flush.Command, "handle", lambda *arguments, **options: database.empty())
            yield
        connection.close()


@pytest.fixture(autouse=True, scope="session")
def _plain_static_files() -> Iterator[None]:
    """Serve styles and scripts from the checkout; collecting and compressing them takes longer than a run of tests."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(STORAGES={**settings.STORAGES, **plain}):
        yield


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A real webhook receiver on a free port."""
    with Receiver() as running:
        yield running


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data folder that the server's own system user can reach: pytest closes its own folders to others."""
    with tempfile.TemporaryDirectory(prefix="trustdesk-test-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "data"


@pytest.fixture
def fresh_plans(db: None) -> None:
    """Forget how statements were planned on this connection while tables were all but empty.

    A server that works analyses them as they grow and plans anew; what a test writes in its transaction nobody sees.
    """
    with connection.cursor() as cursor:
        cursor.execute("discard plans")

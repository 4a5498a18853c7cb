"""A client that never gives up: it sends each batch until it is acknowledged, whatever happens to the server."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from tests.harness import alerts

SECONDS_BETWEEN_TRIES = 0.1
SECONDS_FOR_AN_ANSWER = 10


class Loader:
    """Sends ``total`` alerts in batches over ``clients`` threads; notes which were acknowledged, and what is open."""

    def __init__(self, url: str, key: str, *, total: int, batch: int = 25, clients: int = 2, prefix: str = "k") -> None:
        self.acknowledged: set[str] = set()
        self.unexpected: list[str] = []
        self.retries = 0
        self.open_requests = 0
        self._url, self._key, self._prefix = f"{url}/api/v1/alerts", key, prefix
        self._batches: Iterator[range] = iter([range(at, min(at + batch, total)) for at in range(0, total, batch)])
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _client in range(clients)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def is_done(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def stop(self) -> None:
        self._stopped.set()

    def wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        if not self.is_done():
            self.stop()
            raise AssertionError(f"only {len(self.acknowledged)} alerts were acknowledged within {seconds} s")

    def _work(self) -> None:
        while not self._stopped.is_set():
            with self._lock:
                numbers = next(self._batches, None)
            if numbers is None:
                return
            # Two alerts point at each generation, and both may be in one batch or in two.
            batch = [alerts.alert(number, prefix=self._prefix, per_generation=2) for number in numbers]
            while not self._send(batch) and not self._stopped.is_set():
                self.retries += 1
                time.sleep(SECONDS_BETWEEN_TRIES)

    def _send(self, batch: list[dict[str, object]]) -> bool:
        """Send once; say whether all of it was acknowledged."""
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/x-ndjson"}
        request = urllib.request.Request(self._url, data=alerts.ndjson(batch), headers=headers)
        with self._counted():
            try:
                with urllib.request.urlopen(request, timeout=SECONDS_FOR_AN_ANSWER) as response:
                    answer = json.load(response)
            except urllib.error.HTTPError as error:
                if error.code != 503:
                    self.unexpected.append(f"{error.code}: {error.read()[:500]!r}")
                return False
            except (OSError, ValueError):
                return False
        if answer["accepted"] + answer["duplicates"] != len(batch) or answer["rejected"]:
            self.unexpected.append(json.dumps(answer)[:500])
            return True
        with self._lock:
            self.acknowledged.update(str(one["external_id"]) for one in batch)
        return True

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Count a request as open for as long as it runs."""
        with self._lock:
            self.open_requests += 1
        try:
            yield
        finally:
            with self._lock:
                self.open_requests -= 1

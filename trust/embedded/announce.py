"""Say that Trustdesk is ready: ``python -m trust.embedded.announce URL SIGN_INS``.

Runs beside the process manager, waits until the site answers, prints the sign-ins and the address, and ends. It is a
process of its own, so that nothing heavy stays in memory for the sake of one line.
"""

import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

SECONDS_TO_WAIT = 180
SECONDS_BETWEEN = 0.1


def main(url: str, sign_ins: Path) -> int:
    manager = os.getppid()
    deadline = time.monotonic() + SECONDS_TO_WAIT
    while not (_answers(f"{url}/healthz") and _answers(f"{url}/readyz")):
        if os.getppid() != manager:
            return 1
        if time.monotonic() > deadline:
            print(f"Trustdesk does not answer on {url}; see the logs in {sign_ins.parent / 'logs'}", file=sys.stderr)
            return 1
        time.sleep(SECONDS_BETWEEN)
    if sign_ins.exists():
        print(sign_ins.read_text(), end="")
    print(f"Ready: {url}", flush=True)
    return 0


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - our own address on this machine
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1], Path(sys.argv[2])))
    except KeyboardInterrupt:
        sys.exit(130)

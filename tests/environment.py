"""Read before Django's settings (``-p tests.environment``): tests have a data folder and services of their own.

So has each of several processes that share the tests (``pytest -n 2``).
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA_DIR = ROOT / ".data-test" / os.environ.get("PYTEST_XDIST_WORKER", "")

for outside in ("DATABASE_URL", "MIGRATION_DATABASE_URL", "PORT", "PUBLIC_URL"):
    os.environ.pop(outside, None)
os.environ |= {
    "DATA_DIR": str(DATA_DIR),
    "DEMO": "1",
    "PUBLIC_GUIDELINES": "1",
    "CELERY_BROKER_URL": "memory://",  # hints go nowhere; a test that wants a real broker starts an Instance
}

(DATA_DIR / "static").mkdir(parents=True, exist_ok=True)  # the server of static files warns when its folder is missing

"""Loaded before Django's settings are read: tests have a data folder, a database and a broker of their own."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA_DIR = ROOT / ".data-test"

for outside in ("DATABASE_URL", "MIGRATION_DATABASE_URL", "PORT", "PUBLIC_URL"):
    os.environ.pop(outside, None)
os.environ |= {
    "DATA_DIR": str(DATA_DIR),
    "DEMO": "0",
    "CELERY_BROKER_URL": "memory://",  # hints go nowhere; a test that wants a real broker starts an Instance
    "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
}

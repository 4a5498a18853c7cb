"""Pytest plugin, loaded before Django's settings are read (``-p tests.environment``): they name the test cluster."""

import os
from pathlib import Path

DATA_DIR = Path(__file__).resolve().parent.parent / ".data-test"

os.environ["DATA_DIR"] = str(DATA_DIR)
os.environ["DEMO"] = "1"
for variable in ("DATABASE_URL", "MIGRATION_DATABASE_URL", "CELERY_BROKER_URL", "PUBLIC_URL"):
    os.environ.pop(variable, None)

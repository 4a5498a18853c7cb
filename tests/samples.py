"""Real data to run against: the folder that TRUSTDESK_SAMPLES names. Skips loudly what is not there."""

import os
from pathlib import Path

import pytest

from tests.environment import ROOT

FOLDER = Path(os.environ.get("TRUSTDESK_SAMPLES", ROOT.parent / "shared" / "data"))


def sample(name: str) -> Path:
    """Return the path of a sample file, or skip the test that asks for it."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"no sample data: {path} is missing; set TRUSTDESK_SAMPLES")
    return path

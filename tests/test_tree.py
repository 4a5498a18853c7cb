"""The tree stays readable: small modules, pinned packages, no address of a package index."""

import re
import subprocess

import pytest

from tests.environment import ROOT

LONGEST_MODULE = 400
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split("\n")
MODULES = [name for name in TRACKED if name.endswith(".py") and (ROOT / name).exists()]


@pytest.mark.skipif(not MODULES, reason="not a git checkout")
def test_no_module_is_longer_than_400_lines():
    lengths = {name: len((ROOT / name).read_text().splitlines()) for name in MODULES}

    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


@pytest.mark.parametrize("name", ["run", "dev"])
def test_requirements_are_pinned_and_hashed_and_name_no_index(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text()

    packages = re.findall(r"^[a-z0-9][^\s=]*==\S+", text, re.MULTILINE)
    assert len(packages) > 20
    assert text.count("--hash=sha256:") >= len(packages)
    assert not re.search(r"index-url|find-links|https?://|file:", text)


def test_every_declared_package_is_pinned():
    declared = re.findall(r'^    "([A-Za-z0-9-]+)', (ROOT / "pyproject.toml").read_text().partition("[tool.")[0], re.M)
    pinned = (ROOT / "requirements" / "dev.txt").read_text().lower()

    assert [name for name in declared if not re.search(rf"^{name.lower()}==", pinned, re.M)] == []

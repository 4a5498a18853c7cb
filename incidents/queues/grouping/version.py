"""Stands beside every stored hash and in every key."""

from typing import Final

# Raise it when anything in this package, or a library under it, changes what hashes or keys are.
VERSION: Final = 1

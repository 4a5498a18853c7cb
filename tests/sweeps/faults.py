"""Faults put in on purpose."""

from collections.abc import Callable
from typing import Any


class FailingAt:
    """An execute wrapper that raises ``error`` in place of the statement with number ``place``, counted from 1."""

    def __init__(self, place: int, error: type[Exception]) -> None:
        self.place = place
        self.error = error
        self.count = 0

    def __call__(self, execute: Callable[..., Any], *statement: Any) -> Any:
        self.count += 1
        if self.count == self.place:
            raise self.error("a fault that nobody expected")
        return execute(*statement)

    @property
    def has_struck(self) -> bool:
        return self.count >= self.place

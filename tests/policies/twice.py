"""Do one thing from several real connections at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection


def outcomes_of(act: Callable[[Any], Any], arguments: Sequence[Any]) -> list[Any]:
    """Call ``act`` with each argument in a thread of its own; return each result, or the exception it raised."""

    def attempt(argument: Any) -> Any:
        try:
            return act(argument)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(arguments)) as pool:
        return list(pool.map(attempt, arguments))

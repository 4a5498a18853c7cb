"""How long a person waits for a statement: it is ended then, and they are told what to ask for instead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from psycopg import errors

from trust.refusals import Refused


@contextmanager
def at_most(milliseconds: int, *, otherwise: str) -> Iterator[None]:
    """End each statement inside that takes longer. Raises Refused (too-slow) with the sentence ``otherwise``."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select set_config('statement_timeout', %s, true)", [str(milliseconds)])
            yield
            cursor.execute("set local statement_timeout to default")
    except OperationalError as error:
        if not isinstance(error.__cause__, errors.QueryCanceled):
            raise
        raise Refused(otherwise, code="too-slow", status=503) from error

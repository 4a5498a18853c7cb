"""Structured logs: JSON lines with ids, never content. Only the keys named here leave the process."""

import logging
from typing import Any

import structlog
from structlog.types import EventDict, WrappedLogger

ALLOWED_KEYS = frozenset(
    [
        "event",
        "level",
        "logger",
        "timestamp",
        "request_id",
        "method",
        "path",
        "route",
        "status",
        "duration_ms",
        "person",
        "key",
        "source",
        "batch",
        "accepted",
        "duplicates",
        "rejected",
        "item",
        "round",
        "queue",
        "actor",
        "enforcement",
        "message",
        "endpoint",
        "attempt",
        "delivery",
        "incident",
        "task",
        "sweep",
        "rows",
        "error",
        "lag",
        "worker",
        "count",
    ]
)


def keep_allowed_keys(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drop every key that is not on the list, so that no content can slip into a log by accident."""
    return {name: value for name, value in event.items() if name in ALLOWED_KEYS}


def name_the_error(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Log an exception's type and place, not its text: database errors carry row content in theirs."""
    error_info = event.pop("exc_info", None)
    error = error_info[1] if isinstance(error_info, tuple) else error_info
    if isinstance(error, BaseException):
        frame = error.__traceback__
        while frame and frame.tb_next:
            frame = frame.tb_next
        place = f" at {frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame else ""
        event["error"] = f"{type(error).__qualname__}{place}"
    return event


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure() -> None:
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def logging_settings(*, level: str) -> dict[str, Any]:
    """Return Django's ``LOGGING``: every record of every library as one JSON line on standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    name_the_error,
                    keep_allowed_keys,
                    structlog.processors.JSONRenderer(),
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": logging.getLevelName(level.upper())},
        "loggers": {
            "django.server": {"level": "WARNING"},
            "django.request": {"level": "ERROR"},
            "django.security": {"level": "ERROR"},
            "urllib3": {"level": "WARNING"},
        },
    }

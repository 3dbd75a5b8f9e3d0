"""How is a log of the tests to be read? A line each, and tracebacks as Python writes them."""

from typing import TextIO

import structlog


def plain_logs(file: TextIO | None = None) -> None:
    """Log to `file`, standard output by default.

    structlog's usual traceback shows every variable of every function: drawing one takes a second, in which the event
    loop stands still.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S.%f"),
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ],
        logger_factory=structlog.PrintLoggerFactory(file),
    )

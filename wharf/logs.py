"""Logging: a constant message with its facts behind it, on one line."""

import logging

from typing_extensions import override

# What every record has; whatever else it has was given as `extra`.
_ORDINARY = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


class FactsFormatter(logging.Formatter):
    """Time, level, logger, message, then each fact as name=value; no line breaks within."""

    @override
    def formatMessage(self, record: logging.LogRecord) -> str:
        facts = [
            f" {name}={value!r}" if isinstance(value, str) else f" {name}={value}"
            for name, value in vars(record).items()
            if name not in _ORDINARY
        ]
        return super().formatMessage(record).replace("\n", "\\n") + "".join(facts)


def configure_logging() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(FactsFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # httpx would log the verify token of a handshake; the pool reports each attempt of an outage.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)

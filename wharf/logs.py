"""Logging: a constant message with its facts behind it, as a line of text or of JSON."""

import json
import logging
from datetime import UTC, datetime
from typing import Any, Literal

from typing_extensions import override

Format = Literal["text", "json"]

# What every record has; whatever else it has was given as `extra`.
_ORDINARY = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


def facts(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in _ORDINARY}


class FactsFormatter(logging.Formatter):
    """Time, level, logger, message, then each fact as name=value; no line breaks within."""

    @override
    def formatMessage(self, record: logging.LogRecord) -> str:
        told = [
            f" {name}={value!r}" if isinstance(value, str) else f" {name}={value}"
            for name, value in facts(record).items()
        ]
        return super().formatMessage(record).replace("\n", "\\n") + "".join(told)


class JsonFormatter(logging.Formatter):
    """An object on one line: time, level, logger, message, the facts, and a traceback if any."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **facts(record),
        }
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)


def configure_logging(format_: Format = "text") -> None:
    """Log to standard error; called again, it changes the format."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        JsonFormatter()
        if format_ == "json"
        else FactsFormatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # httpx would log the verify token of a handshake; the pool reports each attempt of an outage.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)

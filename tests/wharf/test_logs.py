"""What is logged: one line each, with facts, and nothing about a person."""

import json
import logging

import pytest

from tests.write_side.posting import client_for, delivery, post
from wharf.logs import FactsFormatter, JsonFormatter


def record(message: str, **extra: object) -> logging.LogRecord:
    made = logging.makeLogRecord({"msg": message, "name": "wharf", "levelname": "INFO"})
    vars(made).update(extra)
    return made


def test_a_line_of_json_has_the_facts_and_a_time_with_its_offset() -> None:
    told = json.loads(JsonFormatter().format(record("media stored", bytes=12, reason="a\nb")))

    assert ("info", "wharf", "media stored") == tuple(
        told[k] for k in ("level", "logger", "message")
    )
    assert (12, "a\nb") == (told["bytes"], told["reason"])
    assert told["time"].endswith("+00:00")


def test_a_traceback_stays_on_its_line() -> None:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError as error:
        failed = record("failed", exc_info=(type(error), error, error.__traceback__))

    (line,) = JsonFormatter().format(failed).splitlines()

    assert "ZeroDivisionError" in json.loads(line)["traceback"]


def test_a_line_of_text_has_the_facts_behind_it() -> None:
    assert "no way reason='a\\nb' n=1" == FactsFormatter("%(message)s").format(
        record("no way", reason="a\nb", n=1)
    )


async def test_a_request_is_logged_by_its_route_and_without_its_parameters(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "wharf")
    async with client_for(database) as client:
        answer = await client.get("/api/whatsapp/messages/?phone=5511987654321")
        await post(client, delivery())

    (logged,) = [r for r in caplog.records if r.getMessage() == "answered"]
    facts = vars(logged)
    assert ("GET", "/api/whatsapp/messages/", 401) == tuple(
        facts[name] for name in ("method", "route", "status")
    )
    assert facts["request_id"] == answer.headers["x-request-id"] == answer.json()["request_id"]
    assert "5511987654321" not in caplog.text


async def test_every_answer_names_its_request(database: str) -> None:
    async with client_for(database) as client:
        ids = [
            (await client.get(path)).headers["x-request-id"]
            for path in ("/api/whatsapp/messages/", "/api/whatsapp/messages/", "/sign-in/")
        ]

    assert 3 == len(set(ids))
    assert {16} == set(map(len, ids))

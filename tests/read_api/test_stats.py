"""Statistics over HTTP: they agree with each other, and with the rows that their links lead to."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.authentication import AuthCredentials
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from events.database import asking_pool, reading_pool
from projections.inbox.view import INBOX
from projections.media.view import MEDIA
from read_api.reading import Reading
from read_api.routes import routes
from read_api.stats.routes import stats_routes
from tests.conftest import new_database
from tests.projections.counting import HOUR, Projected, days, forget
from tests.projections.log import (
    NUMBER,
    Row,
    as_superuser,
    echo,
    empty,
    message,
    post,
    status,
)
from tests.projections.test_media import Happened, log
from wharf.ledger import LogLedger
from wharf.pasts import LogPasts
from wharf.problems import exception_handlers

RANGE = {"from": "2025-11-13", "to": "2025-11-16"}
NAMES = ("summary", "volume", "types", "hours", "delivery", "errors", "response-times")

Ask = Callable[..., Awaitable[Row]]


@asynccontextmanager
async def client_of(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Of a key that may read messages and statistics, and no phone numbers."""
    async with reading_pool(url, size_max=2) as pool, asking_pool(url, size_max=1) as askers:
        endpoints = [
            *routes(Reading(pool, b""), LogLedger(askers), LogPasts(url)),
            *stats_routes(Reading(pool, b"", "stats")),
        ]
        app = Starlette(
            routes=[Route(one.path, one.endpoint, methods=[one.method]) for one in endpoints],
            exception_handlers=exception_handlers(),
        )

        async def with_key(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "auth": AuthCredentials([])}, receive, send)

        transport = httpx.ASGITransport(app=with_key, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client


async def asked(client: httpx.AsyncClient, name: str, **parameters: str) -> Row:
    found = await client.get(f"/api/whatsapp/stats/{name}/", params={**RANGE, **parameters})
    assert 200 == found.status_code, found.text
    return dict(found.json())


def counted(answer: Any) -> Iterator[tuple[str, int]]:
    """Every address of messages in the answer, with the number that it stands beside."""
    if isinstance(answer, dict):
        if "messages_url" in answer:
            yield answer["messages_url"], answer["messages"]
        for value in answer.values():
            yield from counted(value)
    elif isinstance(answer, list):
        for value in answer:
            yield from counted(value)


async def check_links(client: httpx.AsyncClient, answer: Row) -> None:
    """Each leads to as many messages as it says."""
    said: dict[str, int] = {}
    for url, messages in counted(answer):
        assert said.setdefault(url, messages) == messages
    for url, messages in said.items():
        found = await client.get(f"{url}&limit=1&total=capped")
        assert 200 == found.status_code, found.text
        assert messages == found.json()["total"], url


def check_sums(answers: dict[str, Row]) -> None:
    """The answers agree, each bucket by bucket with its total."""
    summary, volume, types = answers["summary"], answers["volume"], answers["types"]
    total = summary["total"]
    for answer in (volume, summary, types):
        assert answer["total"]["messages"] == sum(one["messages"] for one in answer["buckets"])
    for way in ("in", "out"):
        assert total[way] == volume["total"][way]
        assert total[way]["messages"] == sum(one[way]["messages"] for one in types["types"])
        assert total[way]["messages"] == sum(one[way] for one in answers["hours"]["hours"])
    for one, other in zip(summary["buckets"], types["buckets"], strict=True):
        assert one["messages"] == sum(each["messages"] for each in other["types"])

    delivery, errors = answers["delivery"], answers["errors"]
    assert total["delivery"] == delivery["total"]
    assert total["out"]["messages"] == delivery["total"]["steps"][0]["messages"]
    assert delivery["total"]["failed"]["messages"] == errors["total"]["messages"]
    assert errors["total"]["messages"] == sum(one["messages"] for one in errors["errors"])
    assert errors["total"]["messages"] == sum(one["messages"] for one in errors["buckets"])

    waits = answers["response-times"]
    assert total["response_times"].items() <= waits["total"].items()
    for number in ("waits", "answered", "unanswered", "window_missed", "messages"):
        assert waits["total"][number] == sum(one[number] for one in waits["buckets"])
        if number != "messages":
            part = waits["total"]["in_business_hours"][number]
            assert part == sum(one["in_business_hours"][number] for one in waits["buckets"])


def check_waits(answer: Row, waits: list[tuple[datetime, float | None]]) -> None:
    """Percentiles by nearest rank of the very waits, but for the stated error."""
    check_times(answer, answer["total"], [length for _, length in waits])
    clocks = [(began.astimezone(ZoneInfo(answer["tz"])), length) for began, length in waits]
    check_times(
        answer,
        answer["total"]["in_business_hours"],
        [at for local, at in clocks if local.isoweekday() in (4, 6) and 5 <= local.hour < 14],
    )


def check_times(answer: Row, said: Row, waits: list[float | None]) -> None:
    lengths = sorted(length for length in waits if length is not None)
    assert (len(waits), len(lengths)) == (said["waits"], said["answered"])
    for name, part in (("median_s", 0.5), ("p90_s", 0.9)):
        if not lengths:
            assert said[name] is None
            continue
        exact = lengths[ceil(part * len(lengths)) - 1]
        assert abs(said[name] - exact) <= answer["percentile_error"] * exact


async def check(stats: Projected, zone: str, width: str) -> None:
    async with client_of(stats.url) as client:
        answers = {
            name: await asked(
                client,
                name,
                tz=zone,
                **({} if name == "hours" else {"bucket": width}),
                **({"hours": "05:00-14:00", "days": "4,6"} if name == "response-times" else {}),
            )
            for name in NAMES
        }
        for answer in answers.values():
            await check_links(client, answer)
    check_sums(answers)
    begins, ends = answers["volume"]["from"], answers["volume"]["to"]
    check_waits(
        answers["response-times"],
        stats.query(
            "select began_at, extract(epoch from answered_at - began_at)::float8"
            "  from counted_waits"
            f" where began_at >= '{begins}' and began_at < '{ends}'"
        ),
    )


@pytest.mark.slow
@settings(
    deadline=None,
    max_examples=5,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    day=days(),
    zone=st.sampled_from(["UTC", "Asia/Kathmandu", "America/St_Johns"]),
    width=st.sampled_from(["day", "week"]),
)
def test_whatever_happened_numbers_agree_with_each_other_and_with_their_rows(
    database: str, day: list[Row], zone: str, width: str
) -> None:
    with Projected(database) as stats, as_superuser(database) as conn:
        empty(conn)
        forget(conn)
        post(database, *day)
        for view in (INBOX, MEDIA):
            stats.catch_up(view=view)
        stats.catch_up()
        asyncio.run(check(stats, zone, width))


FILE = {"media_id": "7", "phone_number_id": NUMBER}
GIVEN_UP: Happened = ("MediaFailed", {**FILE, "reason": "http-500", "final": True, "attempts": 5})


def image(wamid: str, at: int, phone: str) -> Row:
    value = message(wamid, at, phone=phone)
    value["messages"][0] |= {"type": "image", "image": {"id": "7", "mime_type": "image/png"}}
    del value["messages"][0]["text"]
    return value


@pytest.fixture(scope="module")
def lived(server: str, template: str) -> Iterator[str]:
    """A database in which somebody has lived: an hour of a Thursday, and a moment on Friday."""
    with new_database(server, template) as url:
        no_code = status("out4", "failed", HOUR, phone="553")
        del no_code["statuses"][0]["errors"]
        post(
            url,
            message("in1", 0, phone="551"),
            message("in2", 60, phone="551"),
            echo("out1", 600, phone="551"),
            status("out1", "delivered", 610, phone="551"),
            status("out1", "read", 620, phone="551"),
            image("in3", 900, "552"),
            status("out2", "sent", HOUR, phone="552"),
            status("out3", "failed", HOUR, phone="553"),
            no_code,
            message("in4", 30 * HOUR, phone="551"),
        )
        asyncio.run(log(url, GIVEN_UP))
        with Projected(url) as stats:
            for view in (INBOX, MEDIA):
                stats.catch_up(view=view)
            stats.catch_up()
        yield url


@pytest.fixture
async def client(lived: str) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(lived) as client:
        yield client


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
async def test_every_number_of_messages_is_that_of_the_rows_behind_it(
    client: httpx.AsyncClient, name: str
) -> None:
    answer = await asked(client, name)
    await check_links(client, answer)

    assert any(messages for _, messages in counted(answer))
    assert {"definitions", "position", "from", "to", "tz", "phone_number_id"} <= answer.keys()


async def test_a_volume_has_its_empty_buckets(client: httpx.AsyncClient) -> None:
    answer = await asked(client, "volume", bucket="hour", tz="Asia/Kathmandu")

    shown = {
        one["local_from"]: (one["in"]["messages"], one["out"]["messages"])
        for one in answer["buckets"]
    }
    assert 72 == len(shown)
    assert {
        "2025-11-13T07:00+05:45": (2, 0),
        "2025-11-13T08:00+05:45": (1, 4),
        "2025-11-13T09:00+05:45": (0, 0),
    }.items() <= shown.items()
    assert (4, 4) == (answer["total"]["in"]["messages"], answer["total"]["out"]["messages"])


async def test_the_other_direction_is_left_out(client: httpx.AsyncClient) -> None:
    answer = await asked(client, "volume", direction="in")

    assert (4, None) == (answer["total"]["messages"], answer["total"]["out"])
    assert "direction=in" in answer["total"]["messages_url"]


async def test_types_come_by_their_number(client: httpx.AsyncClient) -> None:
    answer = await asked(client, "types")

    assert [("text", 4), (None, 3), ("image", 1)] == [
        (one["message_type"], one["messages"]) for one in answer["types"]
    ]


async def test_hours_are_those_of_the_zone_s_clocks(client: httpx.AsyncClient) -> None:
    answer = await asked(client, "hours", tz="Asia/Kathmandu")

    assert 168 == len(answer["hours"])
    assert [(4, 7, 2, 0), (4, 8, 1, 4), (5, 13, 1, 0)] == [
        (one["weekday"], one["hour"], one["in"], one["out"])
        for one in answer["hours"]
        if one["messages"]
    ]
    by_hour = (await client.get(answer["volume_url"])).json()
    assert answer["total"] == by_hour["total"]


async def test_later_steps_count_for_the_earlier_ones(client: httpx.AsyncClient) -> None:
    total = (await asked(client, "delivery"))["total"]

    assert [
        ("accepted", 4, None),
        ("sent", 2, 0.5),
        ("delivered", 1, 0.5),
        ("read", 1, 1.0),
        ("played", 0, 0.0),
    ] == [(one["step"], one["messages"], one["share_of_previous"]) for one in total["steps"]]
    assert (2, 0.5) == (total["failed"]["messages"], total["failed"]["share"])


async def test_failures_come_by_code_with_meta_s_title(client: httpx.AsyncClient) -> None:
    answer = await asked(client, "errors")

    assert [(None, None, 1), (131047, "Re-engagement message", 1)] == [
        (one["error_code"], one["error_title"], one["messages"]) for one in answer["errors"]
    ]


async def test_waits_are_counted_where_they_began(client: httpx.AsyncClient) -> None:
    answer = await asked(client, "response-times")

    total = answer["total"]
    assert (3, 2, 1, 1) == tuple(
        total[name] for name in ("waits", "answered", "unanswered", "window_missed")
    )
    assert abs(total["median_s"] - 600) <= 30
    assert abs(total["p90_s"] - 2_700) <= 135
    assert [2, 1, 0] == [one["waits"] for one in answer["buckets"]]
    assert [None, None] == [one["median_s"] for one in answer["buckets"][1:]]


@pytest.mark.parametrize(
    ("hours", "days", "waits"),
    [
        ("07:00-08:00", "4", (1, 1, 600)),
        ("07:00-08:15", "1-4", (2, 2, 600)),
        ("08:00-24:00", "1,4-5", (2, 1, 2_700)),
        ("07:00-08:15", "1-3,5", (0, 0, None)),
        ("22:00-08:00", "3", (1, 1, 600)),
    ],
)
async def test_business_hours_are_those_in_which_waits_began_by_the_zone_s_clocks(
    client: httpx.AsyncClient, hours: str, days: str, waits: tuple[int, int, float | None]
) -> None:
    answer = await asked(client, "response-times", tz="Asia/Kathmandu", hours=hours, days=days)
    found = answer["total"]["in_business_hours"]

    assert hours == answer["business_hours"]["hours"]
    assert waits[:2] == (found["waits"], found["answered"])
    assert found["median_s"] == (waits[2] and pytest.approx(waits[2], rel=0.05))


async def test_business_hours_are_nine_to_six_of_working_days_if_not_given(
    client: httpx.AsyncClient,
) -> None:
    answer = await asked(client, "response-times", tz="Asia/Kathmandu")

    assert {"hours": "09:00-18:00", "days": [1, 2, 3, 4, 5]} == answer["business_hours"]
    assert (1, 0) == tuple(
        answer["total"]["in_business_hours"][name] for name in ("waits", "answered")
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hours", "09:05-18:00"),
        ("hours", "09:00-24:15"),
        ("hours", "9-18"),
        ("days", "0-5"),
        ("days", "1,"),
    ],
)
async def test_business_hours_that_are_none_are_refused(
    client: httpx.AsyncClient, name: str, text: str
) -> None:
    answer = await client.get("/api/whatsapp/stats/response-times/", params={name: text})

    assert 400 == answer.status_code
    assert name == answer.json()["errors"][0]["parameter"]


async def test_the_summary_has_what_the_others_have(client: httpx.AsyncClient) -> None:
    answers = {name: await asked(client, name) for name in NAMES}
    check_sums(answers)
    total = answers["summary"]["total"]

    assert (1, 0) == tuple(
        total["files_given_up"][state]["messages"] for state in ("failed", "expired")
    )


@pytest.mark.slow
async def test_another_number_has_its_own_statistics(client: httpx.AsyncClient) -> None:
    ours = await asked(client, "summary", phone_number_id=NUMBER)
    other = await asked(client, "summary", phone_number_id="1 & 2")

    assert (8, 0) == (ours["total"]["messages"], other["total"]["messages"])
    await check_links(client, ours)
    await check_links(client, other)


async def test_the_same_question_has_the_same_definitions_everywhere(
    client: httpx.AsyncClient,
) -> None:
    said: dict[str, str] = {}
    for name in NAMES:
        for number, definition in (await asked(client, name))["definitions"].items():
            if number != "messages":
                assert definition == said.setdefault(number, definition)


@pytest.mark.parametrize(
    ("name", "query", "parameter"),
    [
        ("volume", "bucket=year", "bucket"),
        ("volume", "bucket=15min&from=2025-01-01&to=2025-04-01", "bucket"),
        ("volume", "from=2025-11-13T10:07:00Z", "from"),
        ("volume", "from=2010-01-01", "from"),
        ("volume", "from=2025-11-14&to=2025-11-13", "to"),
        ("volume", "tz=Mars", "tz"),
        ("volume", "direction=both", "direction"),
        ("volume", "type=text", "type"),
        ("delivery", "direction=in", "direction"),
        ("hours", "bucket=day", "bucket"),
        ("summary", "min_position=x", "min_position"),
    ],
)
async def test_what_can_not_be_counted_is_refused(
    client: httpx.AsyncClient, name: str, query: str, parameter: str
) -> None:
    found = await client.get(f"/api/whatsapp/stats/{name}/?{query}")

    assert (400, [parameter]) == (
        found.status_code,
        [error["parameter"] for error in found.json()["errors"]],
    )


async def test_a_position_that_the_counts_have_not_reached_is_waited_for(
    client: httpx.AsyncClient,
) -> None:
    found = await client.get(
        "/api/whatsapp/stats/volume/", params={"min_position": 99}, headers={"Prefer": "wait=0"}
    )

    assert 503 == found.status_code
    assert json.loads(found.text)["code"] == "projection-behind"

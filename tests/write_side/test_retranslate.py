"""Deliveries that an older release stored without understanding them."""

import asyncio
import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

from events.append import append
from events.database import connect_async
from events.dedupe import dedupe_key
from events.envelope import NewDelivery, NewEvent
from tests.write_side.translation.given import NUMBER, fixture, in_envelope, text
from wharf.cli import wharf
from write_side import retranslate as module
from write_side.retranslate import Retranslation, retranslate
from write_side.translation.channel import Channel, Source
from write_side.translation.delivery import translate
from write_side.translation.leftovers import quarantined, unrecognised
from write_side.translation.routes import ARRAYS
from write_side.translation.storable import parse, write

CAME_AT = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)

Row = dict[str, Any]


async def store(url: str, body: bytes, events: list[NewEvent]) -> None:
    digest = sha256(body)
    delivery = NewDelivery(
        dedupe_key(0, digest.hexdigest()), body, digest.digest(), "", "", CAME_AT, "stored"
    )
    async with await connect_async(url, "wharf_write") as conn:
        await append(conn, [(0, event) for event in events], [delivery])


async def store_not_understood(url: str, body: bytes) -> None:
    """As a release did that knew none of the fields in it."""
    parsed: Any = parse(body)
    events = []
    for i, entry in enumerate(parsed["entry"]):
        for j, change in enumerate(entry["changes"]):
            channel = Channel(Source(body, CAME_AT), entry["id"], None, change["field"])
            # jsonb refuses huge numbers, which stood in no such event.
            value = change["value"] if write(change["value"]).problem is None else {}
            raw = write(value).raw
            events.append(unrecognised(channel, "field", raw, f"/entry/{i}/changes/{j}"))
    await store(url, body, events)


async def store_understood(url: str, body: bytes) -> None:
    await store(url, body, translate(body, CAME_AT).events)


async def run(url: str, **more: Any) -> Retranslation:
    async with await connect_async(url, "wharf_write") as conn:
        return await retranslate(conn, **more)


def log(url: str) -> list[Row]:
    with psycopg.connect(url) as conn, conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute("select * from log.current order by position").fetchall()


def unsettled(url: str) -> list[int]:
    """As docs/events.md says how to find them."""
    with psycopg.connect(url) as conn:
        rows = conn.execute(
            """
            select e.position
              from log.events e
             where e.type in ('UnrecognisedChange', 'ItemQuarantined')
               and not exists (select from log.events s where s.causation = e.position)
             order by 1
            """
        ).fetchall()
    return [row[0] for row in rows]


def echo(message_id: str) -> Row:
    return text(message_id) | {"from": "4915550001000", "to": "5511999990001"}


def echoes(*message_ids: str) -> bytes:
    value = {"metadata": NUMBER, "message_echoes": [echo(i) for i in message_ids]}
    return in_envelope({"field": "smb_message_echoes", "value": value})


async def test_what_was_not_understood_becomes_the_events_it_never_had(database: str) -> None:
    await store_not_understood(database, fixture("history_chunk"))
    run_ = await run(database)

    assert (1, 1, 6) == (run_.leftovers, run_.settled, run_.appended)
    [unknown, *events] = log(database)
    assert "HistorySyncProgressed" == events[0]["type"]
    assert [unknown["position"]] * 6 == [event["causation"] for event in events]
    assert [] == unsettled(database)


async def test_the_events_keep_the_times_of_their_delivery(database: str) -> None:
    await store_not_understood(database, echoes("wamid.1"))
    await store_not_understood(
        database, fixture("account_settings").replace(b'"timestamp"', b'"t"')
    )
    await run(database)

    *_, sent, account = log(database)
    assert "2025-11-22T08:26:40+00:00" == sent["occurred_at"].astimezone(UTC).isoformat()
    assert CAME_AT == account["occurred_at"]
    assert [CAME_AT.isoformat()] * 2 == [row["data"]["received_at"] for row in (sent, account)]


async def test_a_second_run_adds_nothing(database: str) -> None:
    await store_not_understood(database, fixture("history_broken_among_good"))
    await store_not_understood(database, echoes("wamid.1"))
    await run(database)
    before = log(database)

    run_ = await run(database)
    assert 0 == run_.appended
    assert before == log(database)


async def test_two_runs_at_once_add_what_one_does(database: str) -> None:
    for n in range(20):
        await store_not_understood(database, echoes(f"wamid.{n}", f"wamid.{n}b"))
    runs = await asyncio.gather(run(database), run(database))

    assert 40 == sum(each.appended for each in runs)
    assert 60 == len(log(database))


async def test_what_is_still_not_understood_stays_open(database: str) -> None:
    future = in_envelope({"field": "future_field", "value": {"x": [1]}})
    await store_not_understood(database, future)
    await store_understood(database, fixture("broken_items_among_good"))
    open_before = unsettled(database)

    run_ = await run(database)
    assert (0, 0) == (run_.settled, run_.appended)
    assert open_before == unsettled(database)


async def test_an_item_that_also_came_elsewhere_is_settled_by_that(database: str) -> None:
    """Otherwise nothing would have the first delivery's event as its cause, for ever."""
    await store_not_understood(database, echoes("wamid.1"))
    await store_understood(database, echoes("wamid.1", "wamid.2"))
    run_ = await run(database)

    assert 0 == run_.appended
    [unknown, first, _, resolved] = log(database)
    assert "ItemResolved" == resolved["type"]
    assert {"positions": [first["position"]]} == resolved["data"]
    assert unknown["position"] == resolved["causation"]

    await run(database)
    assert 4 == len(log(database))


async def test_a_quarantined_item_is_translated_by_itself(database: str) -> None:
    body = in_envelope(
        {"field": "messages", "value": {"metadata": NUMBER, "messages": [text("a"), text("b")]}}
    )
    first, second = translate(body, CAME_AT).events
    channel = Channel(Source(body, CAME_AT), "1", None, "messages")
    broken = quarantined(channel, "not known then", None, second.pointer or "")
    await store(database, body, [first, broken])
    await run(database)

    *_, translated = log(database)
    assert ("MessageReceived", 2) == (translated["type"], translated["causation"])
    assert 3 == len(log(database))


async def test_a_change_is_not_taken_for_another_whose_number_begins_alike(database: str) -> None:
    value = {"metadata": NUMBER, "message_echoes": [echo("wamid.10")]}
    future = [{"field": "future_field", "value": {"n": n}} for n in range(10)]
    await store_not_understood(
        database, in_envelope(*future, {"field": "smb_message_echoes", "value": value})
    )
    run_ = await run(database)

    assert (11, 1, 1) == (run_.leftovers, run_.settled, run_.appended)
    assert 11 == log(database)[-1]["causation"]


async def test_what_the_database_refuses_is_translated_with_care(database: str) -> None:
    good, bad = echo("wamid.good"), echo("wamid.bad") | {"ratio": "HUGE"}
    value = {"metadata": NUMBER, "message_echoes": [good, bad]}
    body = in_envelope({"field": "smb_message_echoes", "value": value})
    await store_not_understood(database, body.replace(b'"HUGE"', b"1e200000"))
    run_ = await run(database)

    [_, *events] = log(database)
    assert ["MessageSent", "ItemQuarantined"] == [event["type"] for event in events]
    assert 0 == run_.refused


async def test_a_run_that_was_broken_off_goes_on(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SCAN_EVENTS", 1)
    for n in range(4):
        await store_not_understood(database, echoes(f"wamid.{n}"))

    def break_off(run: Retranslation) -> None:
        if run.position == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await run(database, on_progress=break_off)
    assert 2 == (await run(database, after=2)).appended
    assert [] == unsettled(database)


async def test_what_is_left_of_a_translation_again_finds_its_delivery(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release may know a field and not yet all of its arrays; the next one knows more."""
    value = {"metadata": NUMBER, "errors": [{"code": 1}], "message_echoes": [echo("wamid.1")]}
    await store_not_understood(
        database, in_envelope({"field": "smb_message_echoes", "value": value})
    )
    echo_arrays = ARRAYS["smb_message_echoes"]
    with monkeypatch.context() as earlier:
        earlier.delitem(echo_arrays, "errors")
        await run(database)
    types = [event["type"] for event in log(database)]
    assert ["UnrecognisedChange", "UnrecognisedChange", "MessageSent"] == types
    assert [2] == unsettled(database)

    await run(database)
    assert [] == unsettled(database)
    assert "ChannelErrorReported" in [event["type"] for event in log(database)]


def test_the_command_says_what_it_did(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asyncio.run(store_not_understood(database, echoes("wamid.1")))
    at = conninfo_to_dict(database)
    url = f"postgresql://{at['user']}@/{at['dbname']}?host={at['host']}&port={at['port']}"
    monkeypatch.setenv("DATABASE_URL", url)
    result = CliRunner().invoke(wharf, ["events", "retranslate", "--json"], catch_exceptions=False)

    assert {"position": 1, "leftovers": 1, "settled": 1, "refused": 0, "appended": 1} == json.loads(
        result.stdout
    )
    again = CliRunner().invoke(wharf, ["events", "retranslate"], catch_exceptions=False)
    assert "0 events added" in again.stdout

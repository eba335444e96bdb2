"""What PostgreSQL refuses for the data's sake is told apart from a log that is away."""

import msgspec
import pytest

from events.append import append
from events.envelope import NewDelivery, NewEvent
from events.errors import UnfitData
from tests.events.given import Conn, a_delivery, an_event, append_named, deliveries, names


def with_raw(json: str) -> NewEvent:
    """An event whose original item is this JSON, byte for byte."""
    return an_event("unfit", data={"raw": msgspec.Raw(json.encode())})


def with_key(dedupe: str) -> NewEvent:
    return msgspec.structs.replace(an_event("unfit"), dedupe=dedupe)


@pytest.mark.parametrize(
    ("unfit", "sqlstate"),
    [
        pytest.param(with_raw(r'{"text": "\u0000"}'), "22P05", id="NUL in jsonb"),
        pytest.param(with_raw(r'{"text": "\ud800"}'), "22P02", id="lone surrogate in jsonb"),
        pytest.param(with_raw('{"n": 1e200000}'), "22003", id="number out of range"),
        pytest.param(with_raw("9" * 140_000), "22003", id="number too long"),
        pytest.param(with_raw("[" * 50_000 + "]" * 50_000), "54001", id="nested too deep"),
        pytest.param(with_raw("{"), "22P02", id="broken JSON"),
        pytest.param(an_event("unfit", data={"text": "\x00"}), "22P05", id="NUL in a string"),
        pytest.param(an_event("unfit", data={"text": "\ud800"}), "22021", id="lone surrogate"),
        pytest.param(an_event("unfit", version=40_000), "22003", id="version beyond smallint"),
        pytest.param(an_event("unfit", stream="\x00"), "22P05", id="NUL in a stream"),
        pytest.param(
            an_event("unfit", stream="".join(chr(code) for code in range(256, 9_000))),
            "54000",
            id="stream too long for an index row",
        ),
        pytest.param(with_key("no key"), "22P02", id="dedupe key that is none"),
    ],
)
async def test_an_event_that_postgresql_refuses_is_unfit_and_its_append_stores_nothing(
    database: str, log: Conn, unfit: NewEvent, sqlstate: str
) -> None:
    with pytest.raises(UnfitData) as caught:
        await append(log, [(0, an_event("good")), (0, unfit)], [a_delivery(b"body")])

    assert sqlstate == caught.value.sqlstate
    assert [] == deliveries(database)
    assert [1] == (await append_named(log, "the connection is good for more")).positions


@pytest.mark.parametrize(
    ("unfit", "sqlstate"),
    [
        pytest.param(a_delivery(b"body", outcome="lost"), "23514", id="unknown outcome"),
        pytest.param(
            msgspec.structs.replace(a_delivery(b"body"), sha256=b"short"), "23514", id="no SHA-256"
        ),
        pytest.param(
            a_delivery(b"body", ignored=[("/1", "a"), ("/1", "b")]),
            "23505",
            id="one item ignored twice",
        ),
    ],
)
async def test_a_delivery_that_postgresql_refuses_is_unfit_and_its_events_are_not_stored(
    log: Conn, unfit: NewDelivery, sqlstate: str
) -> None:
    with pytest.raises(UnfitData) as caught:
        await append(log, [(0, an_event("good"))], [unfit])

    assert sqlstate == caught.value.sqlstate
    assert [] == await names(log)

"""An append that decides on what its stream held is refused when the stream has moved on."""

import asyncio

import pytest

from events.append import Expected, append
from events.envelope import Position
from events.errors import StreamMoved
from tests.events.given import Conn, an_event, append_named, names, until_it_waits, writing

ANA, BEN, EVA = "1/p:111", "1/p:222", "1/p:333"


def expecting(position: int, *streams: str) -> Expected:
    return Expected(streams, Position(position))


@pytest.fixture
async def two_streams(log: Conn) -> Conn:
    """Positions 1 and 3 are Ana's, 2 is Ben's."""
    for name, stream in (("a1", ANA), ("b1", BEN), ("a2", ANA)):
        await append(log, [(None, an_event(name, stream=stream))])
    return log


@pytest.mark.parametrize(
    "expected",
    [
        expecting(3, ANA),
        expecting(2, BEN),
        expecting(3, ANA, BEN),
        expecting(9, ANA),
        expecting(0, EVA),
        expecting(0),
        None,
    ],
    ids=["its last", "another's last", "the last of two", "beyond", "nothing", "no stream", "any"],
)
async def test_an_append_on_what_is_known_of_the_streams_goes_through(
    two_streams: Conn, expected: Expected | None
) -> None:
    answer = await append(two_streams, [(None, an_event("mine"))], expected=expected)

    assert (4, [4], [True]) == answer


@pytest.mark.parametrize(
    ("expected", "moved"),
    [
        (expecting(2, ANA), (ANA, 2, 3)),
        (expecting(0, BEN), (BEN, 0, 2)),
        (expecting(2, BEN, ANA), (ANA, 2, 3)),
        (expecting(1, EVA, BEN, ANA), (ANA, 1, 3)),
    ],
    ids=["missed one", "missed all", "missed one of two streams", "the furthest is named"],
)
async def test_an_append_on_an_older_state_is_refused_with_the_facts(
    two_streams: Conn, expected: Expected, moved: tuple[str, int, int]
) -> None:
    with pytest.raises(StreamMoved) as caught:
        await append(two_streams, [(None, an_event("mine"))], expected=expected)

    refused = caught.value
    assert moved == (refused.stream, refused.expected, refused.actual)
    # The stream names a customer, and messages get into logs.
    assert moved[0] not in str(refused)
    assert ["a1", "b1", "a2"] == await names(two_streams)


async def test_the_connection_is_good_for_more_after_a_refusal(two_streams: Conn) -> None:
    with pytest.raises(StreamMoved):
        await append(two_streams, [(None, an_event("mine"))], expected=expecting(0, ANA))

    assert [4] == (await append_named(two_streams, "mine")).positions


async def test_a_retry_of_what_is_there_already_is_answered_with_its_positions(
    two_streams: Conn,
) -> None:
    """The stream has moved by the command's own events, so that is no conflict."""
    command = [(None, an_event("c1", stream=ANA)), (None, an_event("c2", stream=ANA))]
    await append(two_streams, command, expected=expecting(3, ANA))

    again = await append(two_streams, command, expected=expecting(3, ANA))

    assert (5, [4, 5], [False, False]) == again


async def test_a_retry_with_something_new_in_it_is_refused(two_streams: Conn) -> None:
    first, more = an_event("c1", stream=ANA), an_event("c2", stream=ANA)
    await append(two_streams, [(None, first)], expected=expecting(3, ANA))

    with pytest.raises(StreamMoved):
        await append(two_streams, [(None, first), (None, more)], expected=expecting(3, ANA))


async def test_of_two_that_decide_on_the_same_state_one_is_refused(
    database: str, two_streams: Conn
) -> None:
    async with writing(database) as other:
        async with other.transaction():
            await append(other, [(None, an_event("theirs", stream=BEN))])
            late = asyncio.create_task(
                append(two_streams, [(None, an_event("mine"))], expected=expecting(2, BEN))
            )
            await until_it_waits(database, two_streams, late)

        with pytest.raises(StreamMoved) as caught:
            await late

    assert 4 == caught.value.actual

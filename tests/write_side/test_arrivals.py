"""How often a message came (complaint 4), and since when it counts as read (complaint 14)."""

from datetime import datetime
from typing import Any

import pytest

from events.database import connect
from tests.projections.log import echo, message, status
from tests.write_side.desk import PHONE, Desk
from wharf.keys import create_key


@pytest.fixture
async def ana(desk: Desk) -> Desk:
    """Message 1 is Ana's, and what is asked here takes one scope more."""
    with connect(desk.store.url, "wharf_owner") as conn:
        key = create_key(conn, "reader", ["messages:read", "conversations:write", "pii:read"])
    desk.client.headers["X-Api-Key"] = key.token
    await desk.got(message("m", 1, phone=PHONE, user="BR.a"))
    return desk


async def told(desk: Desk, id_: int) -> dict[str, Any]:
    found: dict[str, Any] = await desk.sees(f"messages/{id_}/")
    return found


async def test_each_post_that_brought_it_counts(ana: Desk) -> None:
    once = await told(ana, 1)
    again = message("m", 1, phone=PHONE, user="BR.a")
    await ana.got(again)
    # The same item in a POST with others, which is another delivery.
    await ana.got([again, message("n", 2, phone=PHONE)])
    more = await told(ana, 1)

    assert (1, 1) == (once["deliveries"], len(once["delivery_ids"]))
    assert (3, 2) == (more["deliveries"], len(more["delivery_ids"]))
    assert 1 == (await told(ana, 2))["deliveries"]


async def test_what_is_known_from_statuses_alone_never_came(ana: Desk) -> None:
    await ana.got(status("o", "sent", 3, phone=PHONE))
    before = await told(ana, 2)
    await ana.got(echo("o", 2, phone=PHONE))
    after = await told(ana, 2)

    assert (0, 1) == (before["deliveries"], len(before["delivery_ids"]))
    assert (1, 2) == (after["deliveries"], len(after["delivery_ids"]))
    assert after["read_by_us_at"] is None


async def test_it_is_told_when_a_message_was_read_first(ana: Desk) -> None:
    assert (await told(ana, 1))["read_by_us_at"] is None

    await ana.got(message("n", 2, phone=PHONE))
    await ana.marks(conversation_id=1, up_to_message_id="m")
    first = [(await told(ana, id_))["read_by_us_at"] for id_ in (1, 2)]
    await ana.marks(conversation_id=1)
    then = [(await told(ana, id_))["read_by_us_at"] for id_ in (1, 2)]

    marks = ana.store.rows(
        "select occurred_at from log.events where type = 'ConversationRead' order by position"
    )
    times = [at.replace(microsecond=at.microsecond // 1000 * 1000) for (at,) in marks]
    assert [times[0], None] == [each and datetime.fromisoformat(each) for each in first]
    assert times == [datetime.fromisoformat(each) for each in then]

"""However many rows an export has, making it takes the same memory."""

import tracemalloc
from typing import LiteralString

import psycopg
import pytest

from tests.read_api.exports.conftest import Office

FEW, MANY = 1_000, 6_000

MESSAGES: LiteralString = """
insert into messages (id, phone_number_id, message_id, conversation_id, filed_by, direction,
                      message_type, text_body, customer_wa_id, "timestamp", received_at, sorted_at)
select i, '1065', 'wamid.' || i, 1, '01065/p:551', 'in', 'text', repeat('olá ', 100), '551', t, t, t
  from generate_series(1, %s) i
 cross join lateral (select timestamptz '2026-01-01' + i * interval '1 second' as t) at
    on conflict do nothing
"""


async def peak_bytes(office: Office, rows: int) -> int:
    """Of making an export of so many messages."""
    with psycopg.connect(office.url) as conn:
        conn.execute("set search_path = inbox_1")
        conn.execute(MESSAGES, (rows,))
    wanted = (await office.want("messages")).json()
    tracemalloc.start()
    try:
        await office.work()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    export = await office.get(wanted["id"])
    assert rows == export["rows"]
    assert export["bytes"] > rows * 400
    return peak


@pytest.mark.deep
async def test_memory_does_not_grow_with_the_rows(office: Office) -> None:
    await peak_bytes(office, 200)
    few = await peak_bytes(office, FEW)
    many = await peak_bytes(office, MANY)

    assert many < few + 500_000

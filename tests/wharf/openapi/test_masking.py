"""A key without pii:read is told no customer's number, whatever it asks."""

from collections.abc import AsyncIterator

import httpx
import pytest

from events.database import connect
from tests.wharf.openapi.places import places
from tests.wharf.openapi.world import World
from tests.wharf.walking import filled, get_paths
from tests.write_side.posting import client_for
from wharf.demo import cast
from wharf.keys import create_key
from wharf.scopes import SCOPES

pytestmark = [pytest.mark.xdist_group("openapi"), pytest.mark.slow]

PHONES = {
    customer.phone
    for customer in vars(cast).values()
    if isinstance(customer, cast.Customer) and customer.phone
}


@pytest.fixture
async def unknowing(world: World) -> AsyncIterator[httpx.AsyncClient]:
    with connect(world.url, "wharf_owner") as conn:
        token = create_key(conn, "unknowing", sorted(SCOPES - {"pii:read"})).token
    async with client_for(world.url) as client:
        client.headers["X-Api-Key"] = token
        yield client


@pytest.mark.parametrize("most", [4, pytest.param(10_000, marks=pytest.mark.deep)])
async def test_no_answer_and_no_page_tells_a_number(
    client: httpx.AsyncClient, unknowing: httpx.AsyncClient, most: int
) -> None:
    ids = await places(client)
    told, answered, hidden = [], 0, 0
    for path in get_paths(unknowing):
        for address in filled(path, ids)[:most]:
            answer = await unknowing.get(address)
            # A page that shows what a form brought leads to the form when it is only looked at.
            expected = (200, 202, 303, 403, 404, 409, 410)
            assert answer.status_code in expected, (address, answer.text)
            answered += answer.status_code == 200
            knowing = await client.get(address)
            hidden += any(phone in knowing.text for phone in PHONES)
            told += [
                f"{address} {phone}"
                for phone in PHONES
                if phone in answer.text or phone in answer.headers.get("Location", "")
            ]

    assert len(PHONES) > 5
    assert [] == told
    assert answered > 20
    assert hidden > 10, "there was something to hide"

"""The exact bytes behind a message or a delivery."""

from hashlib import sha256

import pytest

from tests.wharf.ledger.desk import Desk, desk_at
from tests.write_side.posting import SECRET, Store, with_items
from write_side.signature import app_secrets

# Bytes that another writer of JSON would write differently.
ODD = b'  {"object":"x", "entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":\n{'
ODD += b'"phone_number_id":"106540352242922"},"messages":[{"from":"5511987654321","id":"%s",'
ODD += b'"timestamp":"1763000000","type":"text","text":{"body":"caf\\u00e9 \\/ \xc3\xa9"}}]}}]}]}\n'
WAMID = "wamid.HBgL/+aa=="
BODY = ODD.replace(b"%s", WAMID.encode())


@pytest.mark.parametrize("id_", ["1", WAMID])
@pytest.mark.parametrize("slash", ["/", ""])
async def test_a_message_has_the_bytes_that_brought_it(desk: Desk, id_: str, slash: str) -> None:
    await desk.got(BODY)
    desk.project()

    answer = await desk.get(f"messages/{id_}/raw{slash}")

    assert (200, BODY) == (answer.status_code, answer.content)
    expected = {
        "X-Log-Position": "1",
        "X-Delivery-Id": "1",
        "X-Item-Pointer": "/entry/0/changes/0/value/messages/0",
        "X-Body-SHA256": sha256(BODY).hexdigest(),
        "X-Signature-Verified": "true",
        "X-Signature-Secret": app_secrets([SECRET])[0].fingerprint,
        "Content-Type": "application/json",
        "Content-Disposition": 'attachment; filename="delivery-1.json"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "no-store",
    }
    assert expected == {name: answer.headers[name] for name in expected}


async def test_a_delivery_has_its_bytes_whatever_they_are(desk: Desk) -> None:
    rubbish = bytes(range(256))
    await desk.got(rubbish)

    answer = await desk.get("deliveries/1/raw/")

    assert (200, rubbish) == (answer.status_code, answer.content)
    assert ("", "1") == (answer.headers["X-Item-Pointer"], answer.headers["X-Log-Position"])


async def test_a_message_known_by_its_statuses_has_the_first_of_them(desk: Desk) -> None:
    status = {"id": "wamid.s", "status": "sent", "timestamp": "1763000000", "recipient_id": "551"}
    body = with_items().replace(b'"messages": []', b'"statuses": [%s]')
    body = body.replace(b"%s", str(status).replace("'", '"').encode())
    await desk.got(body)
    desk.project()

    answer = await desk.get("messages/wamid.s/raw/")

    assert (200, body) == (answer.status_code, answer.content)
    assert "/entry/0/changes/0/value/statuses/0" == answer.headers["X-Item-Pointer"]


@pytest.mark.parametrize("id_", ["2", "wamid.none", "9" * 18, "%00", "raw"])
async def test_a_message_that_is_not_there_is_not_found(desk: Desk, id_: str) -> None:
    await desk.got(BODY)
    desk.project()

    assert 404 == (await desk.get(f"messages/{id_}/raw/")).status_code


@pytest.mark.parametrize(
    ("scopes", "missing"),
    [
        (["messages:read", "events:read", "pii:read"], "raw:read"),
        (["messages:read", "events:read", "raw:read"], "pii:read"),
    ],
)
async def test_bytes_can_not_be_masked_so_they_take_both_scopes(
    store: Store, scopes: list[str], missing: str
) -> None:
    async with desk_at(store, scopes) as desk:
        await desk.got(BODY)
        desk.project()
        for path in ("messages/1/raw/", "deliveries/1/raw/"):
            answer = await desk.get(path)

            assert (403, "scope-missing") == (answer.status_code, answer.json()["code"])
            assert missing == answer.json()["scope"]
            assert missing in answer.headers["WWW-Authenticate"]

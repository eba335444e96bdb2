"""Whatever is signed right is kept byte for byte and answered 200, understood or not.

Anything but 200 would have Meta send it again for days, and then drop it.
"""

import httpx
import pytest

from tests.write_side.posting import Store, delivery, post

NUMBER = b'"metadata":{"phone_number_id":"1"}'
TEXT = (
    b'{"from":"551","id":"wamid.odd%d","timestamp":"1763000000","type":"text","text":{"body":%s}}'
)


def texts(n: int, literal: bytes) -> bytes:
    """A delivery whose text is this piece of JSON, written by nobody who can write JSON."""
    return (
        b'{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages",'
        b'"value":{' + NUMBER + b',"messages":[' + TEXT % (n, literal) + b"]}}]}]}"
    )


# What was made of each, by type; None where that is for translation to say and not for us.
ODD: dict[str, tuple[bytes, list[str] | None]] = {
    "empty": (b"", ["ItemQuarantined"]),
    "not JSON": (b"hello", ["ItemQuarantined"]),
    "an array": (b"[]", ["ItemQuarantined"]),
    "null": (b"null", ["ItemQuarantined"]),
    "an empty object": (b"{}", ["ItemQuarantined"]),
    "cut": (delivery()[:-20], ["ItemQuarantined"]),
    "100,000 levels": (b"[" * 100_000 + b"]" * 100_000, ["ItemQuarantined"]),
    "a million open brackets": (b"[" * 1_000_000, ["ItemQuarantined"]),
    "objects in objects": (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, ["ItemQuarantined"]),
    "deep inside an item": (texts(1, b"[" * 5_000 + b"]" * 5_000), None),
    "NaN": (texts(2, b"NaN"), None),
    "Infinity": (texts(3, b"-Infinity"), None),
    "a number of 5,000 digits": (texts(4, b"9" * 5_000), None),
    "a number of 140,000 digits": (texts(5, b"9" * 140_000), None),
    "1e200000": (texts(6, b"1e200000"), None),
    "the same key twice": (
        texts(7, b'"a","body":"b"'),
        ["MessageReceived"],
    ),
    "a byte order mark": (b"\xef\xbb\xbf" + delivery(), ["ItemQuarantined"]),
    "UTF-16": (delivery().decode().encode("utf-16"), ["ItemQuarantined"]),
    "UTF-32": (delivery().decode().encode("utf-32"), ["ItemQuarantined"]),
    "no UTF-8": (texts(8, b'"\xff\xfe"'), ["ItemQuarantined"]),
    "overlong UTF-8": (texts(9, b'"\xc0\xaf"'), ["ItemQuarantined"]),
    "surrogates in UTF-8": (texts(10, b'"\xed\xa0\xbd\xed\xb8\x80"'), ["ItemQuarantined"]),
    "control characters": (texts(11, b'"a\x01\x02b"'), None),
    "a raw NUL": (texts(12, b'"a\x00b"'), None),
    "an escaped NUL": (texts(13, b'"a\\u0000b"'), ["MessageReceived"]),
    "the six characters of a NUL": (texts(14, b'"a\\\\u0000b"'), ["MessageReceived"]),
    "a lone high surrogate": (texts(15, b'"a\\ud800b"'), ["MessageReceived"]),
    "a lone low surrogate": (texts(16, b'"a\\udc00b"'), ["MessageReceived"]),
    "surrogates the wrong way round": (texts(17, b'"\\ude00\\ud83d"'), ["MessageReceived"]),
    "an id with a NUL": (texts(18, b'"x"').replace(b"wamid.odd", b"wamid\\u0000odd"), None),
    "a name with a NUL": (texts(19, b'"x"').replace(b'"body"', b'"bo\\u0000dy"'), None),
    "an id of a megabyte": (
        texts(20, b'"x"').replace(b"wamid.odd", b"w" * 1_000_000),
        ["ItemQuarantined"],
    ),
    "a time before all times": (texts(21, b'"x"').replace(b'"1763000000"', b'"-1"'), None),
    "a time after all times": (texts(22, b'"x"').replace(b"1763000000", b"9" * 30), None),
    "a megabyte of text": (texts(23, b'"' + b"w " * 500_000 + b'"'), ["MessageReceived"]),
    "gzip": (b"\x1f\x8b\x08\x00" + bytes(range(256)), ["ItemQuarantined"]),
}


@pytest.mark.parametrize(("body", "types"), ODD.values(), ids=ODD.keys())
async def test_whatever_is_signed_right_is_kept_byte_for_byte_and_answered_200(
    client: httpx.AsyncClient, shared: Store, body: bytes, types: list[str] | None
) -> None:
    answer = await post(client, body)

    assert 200 == answer.status_code, answer.text
    assert shared.has(body)
    found = shared.events_of(body)
    assert found
    assert types in (None, found)

"""Exports from the wish to the file."""

import asyncio
import hashlib
import json
from typing import Any

import pytest

from events.database import connect
from read_api.exports import jobs, sources
from tests.projections.log import NUMBER, echo, mark_read, message, post, say, status
from tests.projections.rebuilding import a_life
from tests.read_api.exports.conftest import PATH, Office, table
from wharf.keys import Limits, create_key


async def given(office: Office, *deliveries: Any) -> None:
    await asyncio.to_thread(post, office.url, *deliveries)
    office.project()


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


async def whole(office: Office, path: str, plural: str, **query: Any) -> list[dict[str, Any]]:
    """The list, page by page."""
    found: list[dict[str, Any]] = []
    page = await office.desk.ask(path, limit=3, **query)
    found += page[plural]
    while page["has_more"]:
        page = await office.desk.ask(path, limit=3, cursor=page["next_cursor"], **query)
        found += page[plural]
    return found


LISTS: list[tuple[str, dict[str, Any]]] = [
    ("messages", {}),
    ("messages", {"direction": "in", "sort": "timestamp"}),
    ("messages", {"status": ["received", "read"], "phone": "551"}),
    ("conversations", {"unread": True}),
    ("statuses", {"status": ["read"]}),
]


async def test_a_line_is_the_lists_own_object_and_the_file_is_the_whole_list(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "PAGE_ROWS", 2)
    await asyncio.to_thread(a_life, office.url)
    office.project()
    for kind, filters in LISTS:
        export = await office.made(kind, "jsonl", filters=filters)
        file = await office.file(export)
        query = {**filters, "messages": 0} if kind == "conversations" else dict(filters)
        query = {name: "true" if value is True else value for name, value in query.items()}
        found = lines(file.text)

        assert await whole(office, f"{kind}/", kind, **query) == found
        assert len(found) > 2, "more than a page"
        positions = [each["position"] for each in found]
        assert {
            "kind": kind,
            "format": "jsonl",
            "filters": filters,
            "columns": None,
            "tz": None,
            "rows": len(found),
            "bytes": len(file.content),
            "sha256": hashlib.sha256(file.content).hexdigest(),
            "first_position": min(positions),
            "last_position": max(positions),
        } == {
            name: value
            for name, value in export["manifest"].items()
            if name not in ("made_at", "position")
        }


async def test_filters_may_be_the_query_of_the_lists_address(office: Office) -> None:
    await given(office, message("a", 0, phone="551"), message("b", 1, phone="552"))
    export = await office.made("messages", "jsonl", filters="phone=%2B552&direction=in")
    file = await office.file(export)

    assert ["b"] == [each["message_id"] for each in lines(file.text)]


async def test_csv_has_the_columns_that_people_look_for(office: Office) -> None:
    await given(office, message("a", 0, phone="5511987654321", name="=Ana", text='-1\r\n"x"'))
    export = await office.made("messages", tz="America/Sao_Paulo")
    file = await office.file(export)
    (row,) = table(file.text)

    assert "text/csv; charset=utf-8" == file.headers["content-type"]
    assert file.headers["content-disposition"].startswith('attachment; filename="wharf-messages-')
    assert ("'=Ana", '\'-1\r\n"x"', "'+5511987654321", "2025-11-12T23:13:20-03:00") == (
        row["customer.display_name"],
        row["text_body"],
        row["customer.phone_e164"],
        row["timestamp"],
    )


async def test_columns_can_be_chosen_and_a_byte_order_mark_put_before_them(office: Office) -> None:
    await given(office, message("a", 0, phone="551"))
    wanted = ["id", "customer.wa_id", "reactions"]
    as_csv = await office.file(await office.made("messages", columns=wanted, bom=True))
    as_lines = await office.file(await office.made("messages", "jsonl", columns=wanted))

    assert b"\xef\xbb\xbfid,customer.wa_id,reactions\r\n1,551,[]\r\n" == as_csv.content
    assert [{"id": 1, "customer.wa_id": "551", "reactions": []}] == lines(as_lines.text)


async def test_everything_of_a_customer_is_in_the_order_in_which_it_happened(
    office: Office,
) -> None:
    await given(
        office,
        message("in1", 0, phone="551", name="Ana"),
        echo("out1", 5, phone="551"),
        status("out1", "delivered", 7, phone="551"),
        status("out1", "read", 9, phone="551"),
        message("in2", 20, phone="551"),
        message("else", 20, phone="552"),
    )
    await asyncio.to_thread(say, office.url, "NoteAdded", 1, body="vegetarian")
    office.project()
    file = await office.file(await office.made("customer", "jsonl", filters={"customer": 1}))
    as_csv = await office.file(await office.made("customer", filters={"customer": 1}))

    shown = [
        (each["record"], each.get("message_id"), each.get("status")) for each in lines(file.text)
    ]
    assert [
        ("conversation", None, None),
        ("note", None, None),
        ("message", "in1", "replied"),
        ("message", "out1", "read"),
        ("status", "out1", "delivered"),
        ("status", "out1", "read"),
        ("message", "in2", "received"),
    ] == shown
    assert [each[0] for each in shown] == [row["record"] for row in table(as_csv.text)]
    assert "vegetarian" == table(as_csv.text)[1]["body"]


async def test_events_are_exported_as_changes_are_told(office: Office) -> None:
    await given(office, message("a", 0, phone="551"), message("b", 1, phone="551"))
    await asyncio.to_thread(mark_read, office.url, "p:551", up_to=2)
    office.project()
    export = await office.made("events", "jsonl", filters={"after": 1})
    file = await office.file(export)

    assert (await office.desk.ask("changes/", after=1))["changes"] == lines(file.text)


async def test_a_number_that_no_float_holds_is_exported_as_it_came(office: Office) -> None:
    sent = echo("out1", 5, phone="551"), status("out1", "delivered", 7, phone="551")
    sent[1]["statuses"][0]["pricing"] = {"pricing_model": "PMP", "units": 10**30 + 1}
    await given(office, *sent)
    file = await office.file(await office.made("statuses", "jsonl"))
    as_csv = await office.file(await office.made("statuses", columns=["pricing"]))

    assert [10**30 + 1] == [line["pricing"]["units"] for line in lines(file.text)]
    assert [10**30 + 1] == [json.loads(row["pricing"])["units"] for row in table(as_csv.text)]


async def test_it_is_masked_for_who_may_not_know_numbers(office: Office) -> None:
    await given(
        office,
        message("a", 0, phone="5511987654321"),
        echo("b", 5, phone="5511987654321"),
        status("b", "read", 7, phone="5511987654321"),
    )
    office.desk.client.headers["X-Api-Key"] = office.key(
        "exports:create", "messages:read", "conversations:read"
    ).token
    of_messages = await office.file(await office.made("messages", "jsonl"))
    of_customer = await office.file(await office.made("customer", "jsonl", filters={"customer": 1}))

    assert "•••4321" in of_messages.text
    assert "status" in [each["record"] for each in lines(of_customer.text)]
    assert "987654321" not in of_messages.text + of_customer.text


def at_number(value: dict[str, Any], number: str) -> dict[str, Any]:
    return {**value, "metadata": {**value["metadata"], "phone_number_id": number}}


async def test_a_key_for_one_number_exports_that_alone(office: Office) -> None:
    """The worker has no limits of its own."""
    await given(
        office,
        message("ours", 0, phone="551"),
        at_number(message("theirs", 1, phone="552"), "7002"),
        status("ours-out", "read", 2, phone="551"),
        at_number(status("theirs-out", "read", 3, phone="552"), "7002"),
    )
    with connect(office.url, "wharf_owner") as conn:
        scopes = ["exports:create", "messages:read", "conversations:read", "stream:read"]
        limits = Limits(phone_number_ids=[NUMBER])
        key = create_key(conn, "ours", [*scopes, "pii:read"], limits).token
    office.desk.client.headers["X-Api-Key"] = key

    for kind in ("messages", "conversations", "statuses", "events"):
        found = lines((await office.file(await office.made(kind, "jsonl"))).text)
        assert {NUMBER} == {each["phone_number_id"] for each in found}, kind
    of_theirs = await office.want("customer", "jsonl", filters={"customer": 2})
    by_name = await office.want("messages", filters={"phone_number_id": "7002"})

    assert [404, 400] == [of_theirs.status_code, by_name.status_code]


REFUSED: list[tuple[dict[str, Any], int]] = [
    ({"kind": "messages", "filters": {"colour": "red"}}, 400),
    ({"kind": "messages", "filters": {"direction": "up"}}, 400),
    ({"kind": "messages", "filters": {"limit": 5}}, 400),
    ({"kind": "messages", "filters": {"cursor": "x"}}, 400),
    ({"kind": "messages", "filters": {"direction": ["in", "out"]}}, 400),
    ({"kind": "messages", "columns": ["iban"]}, 400),
    ({"kind": "messages", "columns": ["record"]}, 400),
    ({"kind": "messages", "tz": "Mars/Olympus"}, 400),
    ({"kind": "customer"}, 400),
    ({"kind": "customer", "filters": {"customer": "ana"}}, 400),
    ({"kind": "customer", "filters": {"customer": 77}}, 404),
    ({"kind": "secrets"}, 422),
    ({"kind": "messages", "format": "xlsx"}, 422),
    ({"kind": "messages", "columns": []}, 422),
    ({"kind": "messages", "more": 1}, 422),
    ({}, 422),
]


async def test_what_can_not_be_exported_is_refused_at_once(office: Office) -> None:
    codes = [(await office.desk.client.post(PATH, json=wish)).status_code for wish, _ in REFUSED]

    assert REFUSED == [(wish, code) for (wish, _), code in zip(REFUSED, codes, strict=True)]
    assert 0 == (await office.desk.ask("exports/"))["count"]


async def test_it_takes_the_scope_of_the_list_too(office: Office) -> None:
    key = office.key("exports:create", "messages:read")
    answers = [
        await office.desk.client.post(PATH, json={"kind": kind}, headers={"X-Api-Key": key.token})
        for kind in ("messages", "conversations", "customer", "events")
    ]

    assert [202, 403, 403, 403] == [answer.status_code for answer in answers]


async def test_exports_of_others_are_not_there(office: Office) -> None:
    export = await office.made("messages")
    key = {"X-Api-Key": office.key("all").token}
    client = office.desk.client
    found = [
        await client.get(f"{PATH}{export['id']}/", headers=key),
        await client.get(export["file_url"], headers=key),
        await client.delete(f"{PATH}{export['id']}/", headers=key),
        await client.get(f"{PATH}none/", headers=key),
    ]

    assert [404] * 4 == [answer.status_code for answer in found]
    assert 0 == (await client.get(PATH, headers=key)).json()["count"]
    assert 200 == (await office.file(export)).status_code


async def test_until_it_is_ready_its_file_is_on_the_way(office: Office) -> None:
    wanted = (await office.want("messages")).json()
    early = await office.desk.client.get(f"{PATH}{wanted['id']}/file")
    await office.work()

    assert ("queued", None) == (wanted["state"], wanted["file_url"])
    assert (202, "2") == (early.status_code, early.headers["retry-after"])
    assert "ready" == (await office.get(wanted["id"]))["state"]


async def test_an_interrupted_download_goes_on_where_it_was(office: Office) -> None:
    await asyncio.to_thread(a_life, office.url, 0, 30)
    office.project()
    export = await office.made("messages", "jsonl")
    file = await office.file(export)
    etag = file.headers["etag"]
    half = len(file.content) // 2
    rest = await office.file(export, Range=f"bytes={half}-", **{"If-Range": etag})
    other = await office.file(export, Range=f"bytes={half}-", **{"If-Range": '"another"'})

    assert f'"{export["sha256"]}"' == etag
    assert 206 == rest.status_code
    assert file.content == file.content[:half] + rest.content
    assert (200, file.content) == (other.status_code, other.content), "another file"


async def test_deleting_it_deletes_the_file(office: Office) -> None:
    export = await office.made("messages")
    wanted = (await office.want("messages")).json()
    for id_ in (export["id"], wanted["id"]):
        assert 204 == (await office.desk.client.delete(f"{PATH}{id_}/")).status_code
    await office.work()

    assert [] == office.files()
    assert 404 == (await office.file(export)).status_code


async def test_after_a_week_it_is_gone(office: Office) -> None:
    export = await office.made("messages")
    office.execute("update ops.exports set expires_at = now()")
    await office.work()

    assert [] == office.files()
    assert 404 == (await office.file(export)).status_code


async def test_the_oldest_make_room_when_all_together_are_too_large(
    office: Office,
) -> None:
    await given(office, message("a", 0, phone="551"))
    old, new = await office.made("messages"), await office.made("messages")
    settings = office.settings.__class__(data_dir=office.settings.data_dir, exports_bytes_max=400)
    assert old["bytes"] + new["bytes"] > 400 > new["bytes"]
    office.settings = settings
    await office.work()

    assert [new["id"]] == [each["id"] for each in (await office.desk.ask("exports/"))["exports"]]
    assert 1 == len(office.files())


async def test_one_that_is_too_large_fails_and_leaves_nothing(office: Office) -> None:
    await given(office, message("a", 0, phone="551"))
    office.settings = office.settings.__class__(
        data_dir=office.settings.data_dir, exports_bytes_max=10
    )
    failed = await office.made("messages")
    answer = await office.desk.client.get(f"{PATH}{failed['id']}/file")

    assert ("failed", 409) == (failed["state"], answer.status_code)
    assert "larger" in failed["reason"]
    assert [] == office.files()


async def test_there_are_only_so_many_for_one_caller(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "KEPT_MAX", 2)
    answers = [await office.want("messages") for _ in range(3)]

    assert [202, 202, 429] == [answer.status_code for answer in answers]


async def test_a_file_that_another_host_has_is_said_to_be_missing(office: Office) -> None:
    export = await office.made("messages")
    (file,) = office.files()
    file.unlink()
    answer = await office.file(export)

    assert (503, "export-missing") == (answer.status_code, answer.json()["code"])

"""The page of statistics over counts that are written by hand."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from psycopg import Connection
from starlette.applications import Starlette
from starlette.authentication import AuthCredentials, SimpleUser
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from events.database import reading_pool
from read_api.pages.routes import pages
from read_api.reading import Reading
from read_api.routes import routes
from read_api.stats.routes import stats_routes
from tests.read_api import rows
from tests.read_api.pages.seeing import nothing_acts, seen
from wharf.ledger import LogLedger
from wharf.pasts import LogPasts
from wharf.problems import exception_handlers

HOSTILE = "<script>alert(1)</script><b onclick=x>"
COUNT = (
    "insert into message_counts (width, bucket_at, phone_number_id, direction, message_type,"
    " status, error_code, media_state, messages)"
    " select w, date_bin(make_interval(mins => w), %s, 'epoch'), %s, %s, %s, %s, %s, %s, %s"
    " from unnest('{15,60,360}'::integer[]) w"
)
WAIT = (
    "insert into wait_counts (width, bucket_at, phone_number_id, slot, late, waits)"
    " select w, date_bin(make_interval(mins => w), %s, 'epoch'), '106540352242922', %s, %s, %s"
    " from unnest('{15,60,360}'::integer[]) w"
)


@pytest.fixture
async def browser(
    reading: Reading, ledger: LogLedger, pasts: LogPasts, shared_database: str
) -> AsyncIterator[httpx.AsyncClient]:
    async with reading_pool(shared_database, size_max=2) as pool:
        stats = Reading(pool, b"", "stats")
        questions = [*routes(reading, ledger, pasts), *stats_routes(stats)]
        app = Starlette(
            routes=[Route(one.path, one.endpoint) for one in pages(questions)],
            exception_handlers=exception_handlers(),
        )
        scopes = ["messages:read", "stats:read", "conversations:read", "pii:read"]

        async def signed_in(scope: Scope, receive: Receive, send: Send) -> None:
            caller = {"auth": AuthCredentials(scopes), "user": SimpleUser("user:ana")}
            await app({**scope, **caller}, receive, send)

        transport = httpx.ASGITransport(app=signed_in, raise_app_exceptions=False)
        headers = {"Accept": "text/html"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://test", headers=headers
        ) as client:
            yield client


@pytest.fixture
def some(inbox: Connection[Any]) -> Connection[Any]:
    """Of two days ago: 5 in, 8 out of which 2 failed, one file given up, 4 waits."""
    at = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=2)
    number = "106540352242922"
    inbox.execute(COUNT, (at, number, "in", "text", "", -1, "", 4))
    inbox.execute(COUNT, (at, number, "in", "image", "", -1, "failed", 1))
    inbox.execute(COUNT, (at, number, "out", "text", "read", -1, "", 6))
    inbox.execute(COUNT, (at, number, "out", "text", "failed", 131047, "", 2))
    inbox.execute("insert into error_titles values (131047, 'Re-engagement message')")
    inbox.execute(WAIT, (at, 44, False, 3))
    inbox.execute(WAIT, (at, -1, False, 1))
    return inbox


async def test_numbers_lead_to_their_rows(
    browser: httpx.AsyncClient, some: Connection[Any]
) -> None:
    page = await seen(browser, "/stats")

    failed = [link for link in page.links() if "status=failed" in link]
    assert failed
    assert all(link.startswith("/messages?from=") for link in failed)
    assert "error_code=131047" in " ".join(failed)
    assert not [link for link in page.links() if "/api/" in link and "docs" not in link]


async def test_failures_come_with_metas_text_and_with_advice(
    browser: httpx.AsyncClient, some: Connection[Any]
) -> None:
    text = (await seen(browser, "/stats")).text

    assert "Re-engagement message" in text
    assert "Send a template." in text


async def test_every_bucket_is_a_column_and_a_row_of_both_tables(
    browser: httpx.AsyncClient, some: Connection[Any]
) -> None:
    page = await seen(browser, "/stats?days=7")

    assert 7 == len(page.having("class", "bar-in")) == len(page.having("class", "bar-out"))
    assert "1 min" in page.text
    for name in ("Messages as a table", "Time to an answer as a table"):
        assert 1 == len(page.having("aria-label", name))


async def test_a_range_without_messages_says_so(
    browser: httpx.AsyncClient, some: Connection[Any]
) -> None:
    page = await seen(browser, "/stats?from=2020-01-01&through=2020-01-31")

    assert "No message was sent in these days." in page.text


async def test_the_numbers_to_choose_from_are_those_that_there_are(
    browser: httpx.AsyncClient, inbox: Connection[Any]
) -> None:
    rows.conversation(inbox, 1, display_phone_number=HOSTILE)
    rows.conversation(inbox, 2, phone_number_id="2")

    page = await seen(browser, "/stats?phone_number_id=gone")

    values = [attrs.get("value") for tag, attrs in page.tags if tag == "option"]
    assert {"", rows.NUMBER, "2", "gone"} <= set(values)
    nothing_acts(page)


@pytest.mark.parametrize("query", ["days=x", "from=x", "through=9999-12-31", "by=year"])
async def test_a_question_that_makes_no_sense_is_answered_beside_the_form(
    browser: httpx.AsyncClient, some: Connection[Any], query: str
) -> None:
    page = await seen(browser, f"/stats?{query}", 400)

    assert page.having("role", "alert")
    assert page.having("name", "through")


async def test_what_strangers_named_is_text(
    browser: httpx.AsyncClient, some: Connection[Any]
) -> None:
    at = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=1)
    some.execute(COUNT, (at, "1", "in", HOSTILE, "", -1, "", 1))
    some.execute("update error_titles set error_title = %s", (HOSTILE,))

    page = await seen(browser, "/stats")

    assert HOSTILE in page.text
    nothing_acts(page)


async def test_a_cell_of_the_week_leads_to_its_hours_and_those_to_their_messages(
    browser: httpx.AsyncClient, some: Connection[Any]
) -> None:
    page = await seen(browser, "/stats?days=7&hours=08:00-10:00&weekdays=1-7")
    (cell,) = [link for link in page.links() if "cell=" in link]
    assert cell.startswith("/stats?days=7&hours=")

    hours = await seen(browser, cell.removesuffix("#hour"))
    (there,) = (
        set(hours.links())
        - set(page.links())
        - {link for link in hours.links() if "&direction" in link}
    )
    assert there.startswith("/messages?from=")


async def test_business_hours_are_those_of_the_address(
    browser: httpx.AsyncClient, some: Connection[Any]
) -> None:
    page = await seen(browser, "/stats?days=7&hours=00:00-24:00&weekdays=1-7")
    assert "Business hours: 00:00-24:00, Mon, Tue, Wed, Thu, Fri, Sat, Sun." in page.text

    await seen(browser, "/stats?hours=18:05-09:00", 400)
    await seen(browser, "/stats?cell=8-25", 400)


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("from=2026-12-01&through=2026-01-01", "2026-12-01", "2026-01-01"),
        ("from=2026-01-01&through=someday", "2026-01-01", "someday"),
        ("from=2026-01-01&through=2026-01-03&hours=18:05-09:00", "2026-01-01", "2026-01-03"),
    ],
)
async def test_what_was_asked_in_vain_stays_in_the_form(
    browser: httpx.AsyncClient, some: Connection[Any], query: str, first: str, last: str
) -> None:
    page = await seen(browser, f"/stats?{query}", 400)

    assert [first] == [each["value"] for each in page.having("name", "from")]
    assert [last] == [each["value"] for each in page.having("name", "through")]
    # None of the stretches that can be chosen is what is shown.
    assert not page.having("aria-current", "true")

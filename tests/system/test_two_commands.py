"""A stranger's first hour: one command runs it, another proves it, and a power cut in between."""

import signal
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from typing_extensions import override

from tests.system.service import Place, caught_up, eventually, rows
from tests.wharf.postgres.observing import wait_until_down
from wharf.demo.errors import DemoFailed
from wharf.demo.sending import run_demo
from wharf.demo.summary import Summary
from wharf.demo.traffic import a_day
from wharf.postgres.supervisor import EmbeddedPostgres
from write_side.translation.delivery import translate

pytestmark = pytest.mark.slow

DAY = datetime(2026, 11, 20, 8, tzinfo=UTC)
GETS = ("messages/?limit=200", "conversations/?limit=200", "statuses/?limit=200")


class Interrupting(httpx.HTTPTransport):
    """Keeps what was acknowledged, and has the power cut after so many deliveries."""

    def __init__(self, place: Place, after: int) -> None:
        super().__init__()
        self._place = place
        self._after = after
        self.acknowledged: list[bytes] = []

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if len(self.acknowledged) == self._after:
            self._place.kill_everything()
        response = super().handle_request(request)
        if request.method == "POST" and response.status_code == 200:
            self.acknowledged.append(request.content)
        return response


def demo(place: Place, transport: httpx.HTTPTransport | None = None) -> Summary:
    """The same day each time, which `wharf demo` would let end about now."""
    data = place.folder / "data"
    return run_demo(
        place.url,
        (data / "app_secret").read_text().strip(),
        (data / "verify_token").read_text().strip(),
        say=lambda line: None,
        start=DAY,
        transport=transport,
    )


def answers(place: Place, key: str) -> dict[str, Any]:
    """What the four GETs say, when all that was stored can be seen."""
    with EmbeddedPostgres(place.folder / "data" / "postgres") as url:
        eventually(lambda: caught_up(url), "the view")
        ((head,),) = rows(url, "select max(position) from log.events")
    headers = {"Authorization": f"Bearer {key}", "X-Min-Position": str(head)}
    base = f"{place.url}/api/whatsapp/"
    found: dict[str, Any] = {}
    with httpx.Client(base_url=base, headers=headers, trust_env=False) as client:
        for path in GETS:
            answer = client.get(path)
            assert 200 == answer.status_code, answer.text
            found[path] = answer.json()
        one = found[GETS[0]]["messages"][0]["id"]
        found["one"] = client.get(f"messages/{one}/").json()
    return found


def test_demo_kill_everything_start_again_demo_again(place: Place) -> None:
    place.up()
    key = place.says("keys", "create", "--name", "me", "--scopes", "all")["key"]
    half = Interrupting(place, after=len(a_day(DAY)) // 2)
    with pytest.raises(DemoFailed):
        demo(place, half)

    place.up()
    assert len(half.acknowledged) == len(a_day(DAY)) // 2
    with EmbeddedPostgres(place.folder / "data" / "postgres") as url:
        stored = {bytes(row[0]) for row in rows(url, "select body from log.deliveries")}
    assert set(half.acknowledged) <= stored

    summary = demo(place)
    assert {200: len(a_day(DAY))} == dict(summary.answers)
    first = answers(place, key)
    assert first[GETS[1]]["count"] > 5
    assert_all_of_it_is_there_once(place)

    place.kill_everything()
    service = place.up()
    assert first == answers(place, key)
    demo(place)
    assert first == answers(place, key)
    assert_all_of_it_is_there_once(place)
    assert "inbox is what the log says" in place.run("projections", "verify", "inbox").stdout

    service.signal(signal.SIGTERM)
    assert 0 == service.exit_code()
    wait_until_down(place.folder / "data" / "postgres")
    assert "Traceback" not in service.said()


def assert_all_of_it_is_there_once(place: Place) -> None:
    expected = {
        event.dedupe
        for post in a_day(DAY)
        for event in translate(post.body, datetime.now(UTC)).events
    }
    with EmbeddedPostgres(place.folder / "data" / "postgres") as url:
        stored = [
            row[0] for row in rows(url, "select replace(dedupe::text, '-', '') from log.events")
        ]
    assert len(expected) == len(stored)
    assert expected == set(stored)

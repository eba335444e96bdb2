import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from wharf.demo.errors import DemoFailed, DemoRefused
from wharf.demo.sending import CHALLENGE, run_demo
from wharf.demo.summary import Summary
from wharf.demo.traffic import a_day

START = datetime(2026, 11, 22, 8, tzinfo=UTC)
SECRET, TOKEN = "generated-secret", "generated-token"


def silent(_: str) -> None:
    """Says nothing."""


class Service:
    """A webhook that answers like Wharf and keeps what it was sent."""

    def __init__(self, post: Callable[[int], httpx.Response] | None = None) -> None:
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []
        self.said: list[str] = []
        self._post = post or (lambda _: httpx.Response(200))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            right = request.url.params["hub.verify_token"] == TOKEN
            return httpx.Response(200, text=CHALLENGE) if right else httpx.Response(403)
        self.requests.append(request)
        return self._post(len(self.requests))

    def run(self, base_url: str = "http://127.0.0.1:8000", token: str = TOKEN) -> Summary:
        return run_demo(
            base_url,
            SECRET,
            token,
            say=self.said.append,
            start=START,
            transport=httpx.MockTransport(self),
            pause=self.pauses.append,
        )


def test_the_whole_day_is_posted_signed_over_the_exact_bytes() -> None:
    service = Service()
    service.run()

    assert [post.body for post in a_day(START)] == [r.content for r in service.requests]
    for request in service.requests:
        digest = hmac.new(SECRET.encode(), request.content, hashlib.sha256).hexdigest()
        assert f"sha256={digest}" == request.headers["X-Hub-Signature-256"]
        assert request.url.path == "/api/whatsapp/webhook/"


def test_the_summary_counts_posts_answers_and_items() -> None:
    service = Service()
    summary = service.run()

    assert {200: len(a_day(START))} == dict(summary.answers)
    assert summary.posts == len(service.requests)
    assert f"Posted {summary.posts} deliveries, answered {summary.posts} × 200." == service.said[0]
    assert any("conversations/" in line for line in service.said)


def test_a_busy_service_is_asked_again_after_the_time_it_names() -> None:
    busy = httpx.Response(503, headers={"Retry-After": "3"})
    service = Service(lambda n: busy if n in (2, 3) else httpx.Response(200))
    summary = service.run()

    assert [3.0, 3.0] == service.pauses
    assert service.requests[1].content == service.requests[3].content
    assert 200 in summary.answers
    assert summary.retries.total() == 2


def test_a_service_that_stays_busy_ends_the_demo() -> None:
    with pytest.raises(DemoFailed, match="busy"):
        Service(lambda _: httpx.Response(503)).run()


def test_other_answers_are_counted_and_shown() -> None:
    service = Service(lambda n: httpx.Response(401 if n == 1 else 200))

    assert service.run().answers[401] == 1
    assert "1 × 401" in service.said[0]


def test_a_refused_handshake_ends_the_demo_before_anything_is_posted() -> None:
    service = Service()
    with pytest.raises(DemoFailed, match="403"):
        service.run(token="another")

    assert [] == service.requests


def test_a_service_that_is_not_running_is_named() -> None:
    def away(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(DemoFailed, match=r"127\.0\.0\.1:8000"):
        run_demo(
            "http://127.0.0.1:8000",
            SECRET,
            TOKEN,
            say=silent,
            transport=httpx.MockTransport(away),
        )


@pytest.mark.parametrize(
    "address",
    [
        "https://wharf.example",
        "http://wharf.example",
        "http://10.0.0.1:8000",
        "http://0.0.0.0:8000",
        "http://127.0.0.1@wharf.example/",
        "http://localhost.wharf.example/",
        "http://[2001:db8::1]/",
        "http://2130706433/",
        "ftp://127.0.0.1/",
        "127.0.0.1:8000",
        "",
        "http://[",
    ],
)
def test_an_address_that_is_not_on_this_machine_is_refused(address: str) -> None:
    service = Service()
    with pytest.raises(DemoRefused, match="append-only"):
        service.run(address)

    assert [] == service.requests


@pytest.mark.slow
@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:8000", "http://localhost:8000/", "http://[::1]:9", "http://127.9.9.9"],
)
def test_a_loopback_address_is_posted_to(address: str) -> None:
    assert Service().run(address).posts


@pytest.mark.parametrize(("secret", "token"), [("", TOKEN), (SECRET, "")])
def test_an_empty_secret_or_token_is_refused(secret: str, token: str) -> None:
    with pytest.raises(DemoRefused, match="generated"):
        run_demo("http://127.0.0.1:8000", secret, token, say=silent)

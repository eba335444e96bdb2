"""Posts the made-up day to a running service, as Meta would."""

import hashlib
import hmac
import ipaddress
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx

from wharf.demo.errors import DemoFailed, DemoRefused
from wharf.demo.summary import Summary
from wharf.demo.traffic import Post, a_day

WEBHOOK_PATH = "/api/whatsapp/webhook/"
CHALLENGE = "1158201444"
# The last status comes within this time of the day's start, so nothing lies in the future.
DAY_MINUTES = 390
TIMEOUT_S = 20.0
BUSY = 503
TRIES_MAX = 30
RETRY_AFTER_MAX_S = 5.0


def run_demo(
    base_url: str,
    app_secret: str,
    verify_token: str,
    *,
    say: Callable[[str], None],
    start: datetime | None = None,
    seed: int = 1,
    transport: httpx.BaseTransport | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Summary:
    """Shakes hands, posts the day, and says what was sent and what to look at.

    `app_secret` has to be one that Wharf generated: the caller knows, this only knows the
    address. The day ends about now unless `start` (aware) is given.

    Raises DemoRefused for an address that is not on this machine, DemoFailed for a service
    that does not answer as a webhook does.
    """
    refuse_unless_local(base_url)
    if not app_secret or not verify_token:
        raise DemoRefused("There is no generated app secret or verify token to sign with")
    start = start or datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=DAY_MINUTES)
    summary = Summary()
    # The environment may name a proxy, and a service on this machine is never behind one.
    with httpx.Client(
        base_url=base_url, transport=transport, timeout=TIMEOUT_S, trust_env=False
    ) as client:
        shake_hands(client, verify_token)
        for post in a_day(start, seed):
            summary.add(post, send(client, post, app_secret, pause, summary.retries))
    for line in summary.lines(base_url):
        say(line)
    return summary


def refuse_unless_local(base_url: str) -> None:
    """Raises DemoRefused unless the address is http on a loopback interface."""
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL as error:
        raise DemoRefused(f"{base_url!r} is not an address") from error
    if url.scheme != "http" or not is_loopback(url.host):
        raise DemoRefused(f"{url.scheme}://{url.host} is not a service on this machine")


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        # Any other name may be resolved to anywhere.
        return False


def shake_hands(client: httpx.Client, verify_token: str) -> None:
    """What Meta does when the address is entered in its console. Raises DemoFailed."""
    question = {
        "hub.mode": "subscribe",
        "hub.challenge": CHALLENGE,
        "hub.verify_token": verify_token,
    }
    answer = ask(client, client.build_request("GET", WEBHOOK_PATH, params=question))
    if answer.status_code != httpx.codes.OK or answer.text != CHALLENGE:
        raise DemoFailed(
            f"the handshake was answered {answer.status_code}: is this Wharf, and its token?"
        )


def send(
    client: httpx.Client,
    post: Post,
    app_secret: str,
    pause: Callable[[float], None],
    retries: Counter[int],
) -> int:
    """Posts until the answer is not "busy"; gives its status. Raises DemoFailed."""
    request = client.build_request(
        "POST",
        WEBHOOK_PATH,
        content=post.body,
        headers={
            "Content-Type": "application/json",
            "X-Hub-Signature-256": signature(app_secret, post.body),
        },
    )
    for _ in range(TRIES_MAX):
        answer = ask(client, request)
        if answer.status_code != BUSY:
            return answer.status_code
        retries[BUSY] += 1
        pause(retry_after_s(answer))
    raise DemoFailed(f"the service was busy {TRIES_MAX} times in a row")


def ask(client: httpx.Client, request: httpx.Request) -> httpx.Response:
    try:
        return client.send(request)
    except httpx.TransportError as error:
        raise DemoFailed(f"no answer from {client.base_url}: is it running?") from error


def retry_after_s(answer: httpx.Response) -> float:
    asked = answer.headers.get("Retry-After", "1")
    return min(float(asked), RETRY_AFTER_MAX_S) if asked.isdecimal() else 1.0


def signature(app_secret: str, body: bytes) -> str:
    """The header that Meta sends: HMAC-SHA256 over the bytes of the body."""
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()

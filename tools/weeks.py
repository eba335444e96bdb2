"""What else there is in the pictures: weeks before the demo's day, people, keys and exports."""

from datetime import UTC, datetime, time, timedelta
from random import Random

import httpx
from playwright.sync_api import Page, expect

from tests.system.ledger import SECRET
from tests.system.service import Place
from tests.write_side.posting import PATH
from wharf.demo.cast import BAKERY, REPAIRS, Customer
from wharf.demo.script import Script
from wharf.demo.traffic import write
from write_side.signature import sign

NAMES = (
    "Ada Moreau", "Bruno Keller", "Chiara Rossi", "Dimitri", "Elif Kaya", "Farid", "Greta Lund",
    "Hana Sato", "Ivo", "Jana Novák", "Kofi Mensah", "Lucía", "Marek", "Nadia", "Otto", "Priya",
)  # fmt: skip
# As the demo's: a regulator keeps these for fiction.
CUSTOMERS = [Customer(name, f"4477009002{place:02}") for place, name in enumerate(NAMES)]

TYPES = ("text",) * 12 + ("image",) * 3 + ("location",)
REASONS = (
    (131047, "Re-engagement message"),
    (131026, "Message undeliverable"),
    (131049, "This message was not delivered to maintain healthy ecosystem engagement."),
)
# Minutes from opening to closing, and when most people write.
OPEN_MINUTES, BUSY_MINUTE = 660, 200


KEYS = (
    ("warehouse", "messages:read,stats:read", "90d"),
    ("CRM", "conversations:read,conversations:write,pii:read", "365d"),
)
EXPORTS: tuple[dict[str, object], ...] = (
    {"kind": "messages", "format": "csv", "filters": {"status": "failed"}},
    {"kind": "conversations", "format": "jsonl"},
)


def fill(place: Place) -> None:
    """The weeks, a handshake that went wrong, and some people and keys."""
    for body in weeks(datetime.now(UTC)):
        headers = {"X-Hub-Signature-256": sign(SECRET, body), "Content-Type": "application/json"}
        answer = httpx.post(f"{place.url}{PATH}", content=body, headers=headers, trust_env=False)
        assert answer.status_code == 200
    query = {"hub.mode": "subscribe", "hub.verify_token": "typo", "hub.challenge": "1"}
    httpx.get(f"{place.url}{PATH}", params=query, trust_env=False)
    for name in ("luis", "mei"):
        assert place.run("users", "add", name, "--role", "agent").returncode == 0
    for name, scopes, end in KEYS:
        made = place.run("keys", "create", "--name", name, "--scopes", scopes, "--expires", end)
        assert made.returncode == 0, made.stderr


def want_exports(page: Page) -> None:
    """By whoever is signed in on the page; returns when they are ready."""
    asking = page.context.request
    url = page.url.removesuffix("/inbox")
    token = asking.get(f"{url}/api/whatsapp/session/").json()["csrf_token"]
    for wish in EXPORTS:
        headers = {"X-CSRF-Token": token, "Sec-Fetch-Site": "same-origin"}
        assert asking.post(f"{url}/api/whatsapp/exports/", data=wish, headers=headers).status == 202
    page.goto(f"{url}/exports")
    expect(page.get_by_role("link", name="Download")).to_have_count(len(EXPORTS), timeout=90_000)


def weeks(today: datetime, days: int = 29, seed: int = 11) -> list[bytes]:
    """A POST for each of the days before `today` (aware); the same seed gives the same days."""
    random = Random(seed)  # noqa: S311 - no secret
    return [_day(today - timedelta(days=back), random) for back in range(days, 0, -1)]


def _day(day: datetime, random: Random) -> bytes:
    opens = datetime.combine(day.date(), time(8), UTC)
    script = Script(opens, random.randrange(10**6))
    for _ in range(random.randint(18, 40) // (4 if opens.weekday() >= 5 else 1)):
        customer = random.choice(CUSTOMERS)
        number = BAKERY if random.random() < 0.7 else REPAIRS
        minute = random.triangular(0, OPEN_MINUTES, BUSY_MINUTE)
        kind = random.choice(TYPES)
        script.receive(minute, customer, number, kind, **{kind: _content(kind, random)})
        if random.random() < 0.85:
            after = minute + random.lognormvariate(1.8, 1.2)
            if random.random() < 0.04:
                code, title = random.choice(REASONS)
                errors = [{"code": code, "title": title, "message": title}]
                script.answer(after, customer, number, ("sent", "failed"), errors=errors)
            else:
                steps = ("sent", "delivered", "read")[: random.choices((1, 2, 3), (1, 3, 8))[0]]
                says = "Of course, we will see to it." if random.random() < 0.8 else None
                script.answer(after, customer, number, steps, says)
    return write(tuple(script.items))


def _content(kind: str, random: Random) -> dict[str, object]:
    if kind == "text":
        return {"body": random.choice(("Are you open today?", "Is it ready?", "Thank you!"))}
    if kind == "location":
        return {"latitude": 51.5, "longitude": -0.12}
    # The one picture that there is.
    return {"id": "95001", "mime_type": "image/png"}

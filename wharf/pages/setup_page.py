"""/setup: what Meta's console wants to know, and what has come of it."""

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from read_api.pages.asking import Api
from read_api.pages.rendering import page
from read_api.routes import Endpoint
from wharf.demo.sending import WEBHOOK_PATH
from wharf.key_routes import SCOPE as KEYS
from wharf.pages.checks import Received, checks
from wharf.pages.forms import field
from wharf.settings import Settings
from write_side.signature import AppSecret

PATH = "/setup"
SECRET_PATH = "/setup/secret"  # noqa: S105 (an address)
SCOPE = "events:read"
ATTEMPTS_SHOWN = 10
# More is no secret of Meta's, and is not read.
SECRET_CHARACTERS_MAX = 200

# What is worth ticking in the console, and what it brings.
FIELDS = (
    ("messages", "messages, statuses, reactions, edits; nothing comes without it"),
    (
        "smb_message_echoes, history, smb_app_state_sync",
        "what is typed on the phone app, where a number is used on both",
    ),
    ("calls", "who called, and whether somebody answered"),
    ("user_preferences, user_id_update", "who wants no marketing; changed user ids"),
    (
        "account_update, phone_number_quality_update, message_template_status_update",
        "what Meta decides about you",
    ),
)


@dataclass(frozen=True)
class Setup:
    """Knows the secrets, to compare; shows their fingerprints alone."""

    settings: Settings
    secrets: Sequence[AppSecret]
    origin: Callable[[Request], str]
    api: Api

    async def show(self, request: Request) -> Response:
        return await self._page(request)

    async def test_secret(self, request: Request) -> Response:
        """Whether what was typed in is a secret that is set here. It is neither kept nor shown."""
        given = field(await request.form(), "secret").strip()[:SECRET_CHARACTERS_MAX].encode()
        fits = [each for each in self.secrets if hmac.compare_digest(each.key, given)]
        tested = {
            "fits": bool(fits),
            "fingerprint": hashlib.sha256(given).hexdigest()[:8] if given else None,
        }
        return await self._page(request, tested)

    async def back(self, request: Request) -> Response:
        """Where the browser is after the test, and may be asked to go once more."""
        return RedirectResponse(PATH, 303)

    async def _page(self, request: Request, tested: dict[str, Any] | None = None) -> Response:
        shown = ("limit", str(ATTEMPTS_SHOWN))
        handshakes, refused, deliveries, messages = await asyncio.gather(
            self.api(request, "handshakes/", [shown]),
            self.api(request, "deliveries/refused/", [shown]),
            self.api(request, "deliveries/", [("limit", "1")]),
            self.api(request, "messages/", [("limit", "1")])
            if self.api.may(request, "messages/")
            else _nothing(),
        )
        received = Received(
            handshakes["handshakes"],
            sum(each["last_day"] for each in refused["counts"]),
            next(iter(refused["refused"]), None),
            next(iter(deliveries["deliveries"]), None),
            next(iter(messages["messages"]), None),
        )
        origin = self.origin(request)
        context = {
            "checks": checks(self.settings, origin, received),
            "callback": origin + WEBHOOK_PATH,
            "handshakes": handshakes["handshakes"],
            "handshake_counts": handshakes["counts"],
            "refused": refused["refused"],
            "refused_counts": refused["counts"],
            "delivery": received.delivery,
            "fingerprints": [each.fingerprint for each in self.secrets],
            "generated": not self.settings.app_secrets,
            "fields": FIELDS,
            "tested": tested,
            "may_test": KEYS in request.auth.scopes,
        }
        return page(request, "setup.html", context)


async def _nothing() -> dict[str, Any]:
    return {"messages": []}


def setup_pages(
    settings: Settings,
    secrets: Sequence[AppSecret],
    origin: Callable[[Request], str],
    api: Api,
) -> list[Endpoint]:
    """`settings` as they were given: what was made here instead of a secret is not in them."""
    setup = Setup(settings, secrets, origin, api)
    return [
        Endpoint(PATH, "GET", SCOPE, setup.show),
        # Who may make keys already holds everything that the answer is worth.
        Endpoint(SECRET_PATH, "POST", KEYS, setup.test_secret),
        Endpoint(SECRET_PATH, "GET", SCOPE, setup.back),
    ]

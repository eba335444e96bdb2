"""The web application: write side and read side under one origin."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

import read_api.pages.routes
import read_api.routes
import write_side.routes
from events.database import asking_pool, looking_pool, reading_pool, writing_pool
from events.envelope import Position
from read_api.customer_finding import find_customers
from read_api.desk_finding import find_conversation, find_note
from read_api.exports.endpoints import Exports
from read_api.exports.routes import export_routes
from read_api.finding import find_conversations
from read_api.live.changes import Changes
from read_api.live.hub import Hub
from read_api.live.routes import live_routes
from read_api.media_routes import media_routes
from read_api.media_rows import find_media
from read_api.pages.asking import Api
from read_api.reading import Reading
from read_api.stats.routes import stats_routes
from wharf import session_info, sign_in
from wharf.access import Doors, recognising
from wharf.addressing import LookedUp
from wharf.exports import exports_folder
from wharf.health import health_endpoints
from wharf.ingest import Commits, ingest_endpoint
from wharf.key_routes import key_routes
from wharf.keyring import Keyring
from wharf.last_uses import LastUses
from wharf.ledger import LogLedger
from wharf.limits import Buckets
from wharf.media import stored_files
from wharf.metrics import Hints, Metrics
from wharf.mounting import guarded_routes, in_both_spellings, page_routes, sign_in_routes
from wharf.openapi.docs_page import DOCS
from wharf.openapi.faults import Endpoint
from wharf.openapi.serving import openapi_endpoint
from wharf.pages.key_page import key_pages
from wharf.pages.setup_page import setup_pages
from wharf.pages.user_page import user_pages
from wharf.pasts import LogPasts
from wharf.people import People
from wharf.problem_pages import problem_routes
from wharf.problems import exception_handlers
from wharf.sessions import Sessions
from wharf.settings import Settings
from wharf.user_routes import user_routes
from wharf.views_admin.routes import view_routes
from wharf.views_admin.tending import Tending
from write_side.attempts import Attempts
from write_side.customer_routes import customer_routes
from write_side.desk.changing import Changing
from write_side.desk.details import DetailsCommand
from write_side.desk.handling import HandlingCommands
from write_side.desk.notes import NoteCommands
from write_side.desk.routes import desk_routes
from write_side.errors import ConversationNotFound, NoteNotFound
from write_side.idempotency import Idempotency
from write_side.intake import Intake
from write_side.mark_read import MarkReadCommand
from write_side.media.retrying import RetryCommand
from write_side.merging import MergeCommand
from write_side.reprocess import ReprocessCommand
from write_side.signature import app_secrets
from write_side.unmerging import UnmergeCommand
from write_side.webhook import Webhook

DEFAULTS = Settings()
READERS_MAX = 8
WRITERS_MAX = 3
ASKERS_MAX = 3
LOOKERS_MAX = 2


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """What the web side must know and nobody else: app secrets and verify token."""

    app_secrets: tuple[str, ...]
    verify_token: str


def create_app(
    url: str,
    secrets: Secrets,
    on_stored: Callable[[Position], None] = lambda position: None,
    settings: Settings = DEFAULTS,
    hints: Hints | None = None,
) -> Starlette:
    """The application on the database at `url`; it opens its connections when it starts."""
    metrics = Metrics()
    commits = Commits()

    def committed(deliveries: int, seconds: float) -> None:
        metrics.committed(deliveries, seconds)
        commits.committed(deliveries, seconds)

    pooler = settings.pooler_url
    intake = Intake(url, on_stored, committed, pooler)
    readers = reading_pool(url, size_max=READERS_MAX, pooler=pooler)
    writers = writing_pool(url, size_max=WRITERS_MAX, pooler=pooler)
    askers = asking_pool(url, size_max=ASKERS_MAX, pooler=pooler)
    lookers = looking_pool(url, size_max=LOOKERS_MAX, pooler=pooler)
    # Cursors outlive a restart and are good on every web process of one installation.
    cursor_key = sha256(b"cursor:" + secrets.verify_token.encode()).digest()
    reading = Reading(readers, cursor_key)
    media_reading = Reading(readers, cursor_key, "media")
    stats_reading = Reading(readers, cursor_key, "stats")
    uses = LastUses(writers)
    doors = Doors(
        Keyring(writers),
        Sessions(writers),
        uses,
        settings.public_url,
        Buckets(settings.rate_limit),
    )
    people = People(writers, settings.public_url)
    ledger = LogLedger(askers)
    tending = Tending(url, lookers)
    pasts = LogPasts(url)
    hub = Hub(Changes(reading, ledger.facts, ledger.head))
    mark_read = MarkReadCommand(writers, partial(find_conversations, reading))
    attempts = Attempts(writers)
    retry_media = RetryCommand(writers, partial(find_media, media_reading))
    merge = MergeCommand(writers, partial(find_customers, reading))
    unmerge = UnmergeCommand(writers, partial(find_customers, reading))
    changing = Changing(
        writers,
        partial(find_conversation, reading),
        ConversationNotFound("there is no such conversation"),
    )
    noting = Changing(writers, partial(find_note, reading), NoteNotFound("there is no such note"))
    commands = [
        *write_side.routes.routes(mark_read, ReprocessCommand(writers), retry_media),
        *customer_routes(merge, unmerge),
        *desk_routes(
            NoteCommands(changing, noting), DetailsCommand(changing), HandlingCommands(changing)
        ),
    ]
    questions = [
        *read_api.routes.routes(reading, ledger, pasts),
        *live_routes(hub),
        *export_routes(
            Exports(
                writers, reading, ledger.facts, exports_folder(settings), write_side.routes.command
            )
        ),
        *media_routes(media_reading, stored_files(settings)),
        *stats_routes(stats_reading),
    ]
    webhook = Webhook(intake, app_secrets(secrets.app_secrets), secrets.verify_token, attempts.note)
    operated = [
        *view_routes(tending),
        ingest_endpoint(askers, commits, lambda: webhook.answered, lambda: len(hub.seats)),
    ]
    guarded_endpoints: list[Endpoint] = [
        *commands,
        *questions,
        *operated,
        session_info.ENDPOINT,
        *key_routes(people),
        *user_routes(people),
    ]
    metrics.counts(
        "webhook_answers",
        "Answers of the webhook by status",
        "status",
        lambda: {str(status): count for status, count in webhook.answered.items()},
    )
    if hints is not None:
        metrics.counts(
            "hints",
            "Hints to the broker",
            "outcome",
            lambda: {"sent": hints.sent, "dropped": hints.dropped},
        )
    guarded_endpoints.append(metrics.endpoint(reading, askers, lambda: len(hub.seats)))
    open_endpoints = [*health_endpoints(intake, reading), DOCS]
    open_endpoints.append(openapi_endpoint(guarded_endpoints, open_endpoints))

    # What pages are made of.
    api = Api(questions)
    shown = [
        *read_api.pages.routes.pages([*questions, *user_routes(people), *operated]),
        *user_pages(people),
        *key_pages(people, api),
        *setup_pages(settings, app_secrets(secrets.app_secrets), people.origin, api),
    ]

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await readers.open()
        await writers.open()
        await askers.open()
        await lookers.open()
        await attempts.start()
        await uses.start()
        await intake.start()
        try:
            yield
        finally:
            await hub.stop()
            await intake.stop()
            await uses.stop()
            await attempts.stop()
            await tending.stop()
            await lookers.close()
            pasts.close()
            await askers.close()
            await writers.close()
            await readers.close()

    handlers = exception_handlers()
    # No endpoint is at an unknown address that would have asked who it is.
    handlers[HTTPException] = recognising(handlers[HTTPException], doors)
    app = Starlette(exception_handlers=handlers)
    app.router = LookedUp(
        [
            *in_both_spellings(write_side.routes.WEBHOOK, webhook),
            *guarded_routes(guarded_endpoints, doors, reading, Idempotency(writers)),
            *sign_in_routes(sign_in.SignIn(doors)),
            *page_routes(shown, doors),
            *(Route(each.path, each.endpoint, methods=[each.method]) for each in open_endpoints),
            *problem_routes(),
        ],
        lifespan,
    )
    # Open streams would hold a server up that waits until everything is answered.
    app.state.say_goodbye = hub.close
    return app

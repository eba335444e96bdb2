"""What runs: everything in one process, or web and workers apart."""

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from socket import socket

from events.database import connect, connect_async
from events.errors import SchemaMismatch
from wharf.broker import make_broker
from wharf.database_waiting import wait_for_database
from wharf.demo.sending import WEBHOOK_PATH
from wharf.doctor.database import durability
from wharf.exports import export_work
from wharf.media import media_work
from wharf.postgres.supervisor import EmbeddedPostgres
from wharf.renewal import Renewal, outdated
from wharf.schema import apply_schema, has_schema
from wharf.secrets import is_loopback, with_secrets
from wharf.server import serve
from wharf.settings import Settings
from wharf.sign_in import PATH
from wharf.users import Link, local_link
from wharf.web import Secrets, create_app
from wharf.workers import Workers, publisher_for

logger = logging.getLogger(__name__)

Say = Callable[[str], None]


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The URL of the database: the one that is set, else an embedded one while this lasts.

    An embedded one gets its schema when it is new. Raises SchemaMismatch for one that is set and
    has none: that is for its owner to decide.
    """
    if settings.database_url is None:
        with EmbeddedPostgres(settings.data_dir / "postgres") as url:
            if not has_schema(url):
                apply_schema(url)
            yield url
    elif has_schema(settings.database_url):
        yield settings.database_url
    else:
        raise SchemaMismatch("the database has no schema yet: run `wharf schema apply`")


@contextmanager
def bare_database(settings: Settings) -> Iterator[str]:
    """As `database`, whether it has a schema or not."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    with EmbeddedPostgres(settings.data_dir / "postgres") as url:
        yield url


@contextmanager
def upgraded_database(settings: Settings) -> Iterator[str]:
    """As `database`, with the schema brought to this release first."""
    if settings.database_url is not None:
        apply_schema(settings.database_url)
        yield settings.database_url
        return
    with EmbeddedPostgres(settings.data_dir / "postgres") as url:
        apply_schema(url)
        yield url


def up(settings: Settings, port: Sequence[socket], say: Say) -> bool:
    """Web and workers in this process, the schema applied; until SIGINT or SIGTERM.

    `port` are the sockets of `taken_port`: a second one that can't have it changes nothing here,
    neither the schema nor the link to sign in by.
    """
    secrets = _secrets(settings)
    _database_is_there(settings)
    with upgraded_database(settings) as url:
        warn_of_losses(url)
        workers = _workers(url, settings)
        app = create_app(
            url, secrets, workers.publisher.appended, settings, hints=workers.publisher
        )

        def ready() -> None:
            say(where_to_look(settings, link))

        with workers, workers.publisher:
            Renewal(url, outdated(url)).start()
            link = asyncio.run(_local_link(url)) if is_loopback(settings.host) else None
            return serve(app, port, ready, settings.trusted_proxies)


def serve_web(settings: Settings, port: Sequence[socket]) -> bool:
    """The web side alone; its hints go to the workers of other processes."""
    secrets = _secrets(settings)
    _database_is_there(settings)
    with database(settings) as url, publisher_for(url, settings.broker_url) as publisher:
        warn_of_losses(url)
        app = create_app(url, secrets, publisher.appended, settings, hints=publisher)
        return serve(app, port, trusted_proxies=settings.trusted_proxies)


def work(settings: Settings, say: Say) -> None:
    """Workers alone, until SIGINT or SIGTERM."""
    ended = threading.Event()
    for end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(end, lambda *_: ended.set())
    if not _database_is_there(settings, ended):
        return
    with database(settings) as url:
        workers = _workers(url, settings)
        with workers:
            for view in outdated(url):
                # On many hosts it is for their operator to say when.
                say(f"{view.name} is another release's: wharf projections rebuild --outdated")
            say("working; the views are kept up to date until this process ends")
            ended.wait()


def _database_is_there(settings: Settings, ended: threading.Event | None = None) -> bool:
    """An embedded one is this process's own to start."""
    return settings.database_url is None or wait_for_database(
        settings.database_url, ended or threading.Event()
    )


def warn_of_losses(url: str) -> None:
    """Say so where the database is set up to lose what was answered 200."""
    with connect(url, "wharf_write") as conn:
        found = durability(conn)
    if found.state == "wrong":
        logger.warning(
            "acknowledged webhooks can be lost", extra={"why": found.told, "todo": found.todo}
        )


def _workers(url: str, settings: Settings) -> Workers:
    broker = partial(make_broker, settings.broker_url)
    return Workers(url, broker, media_work(url, settings), export_work(url, settings))


def _secrets(settings: Settings) -> Secrets:
    complete = with_secrets(settings)
    assert complete.verify_token is not None  # with_secrets sees to it
    return Secrets(app_secrets=complete.app_secrets, verify_token=complete.verify_token)


def base_url(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


def sign_in_url(settings: Settings, link: Link) -> str:
    """The link as somebody opens it in a browser."""
    return f"{settings.public_url or base_url(settings)}{PATH}?token={link.token}"


async def _local_link(url: str) -> Link | None:
    """Whoever can start it here may sign in here."""
    async with await connect_async(url, "wharf_owner") as conn:
        return await local_link(conn)


def where_to_look(settings: Settings, link: Link | None) -> str:
    """What a person who has just started it wants to know."""
    complete = with_secrets(settings)
    own = settings.app_secrets == ()
    token = complete.verify_token if settings.verify_token is None else "(as you have set it)"
    secret = (
        f"generated, in {settings.data_dir / 'app_secret'}: {complete.app_secrets[0]}"
        if own
        else "from WHATSAPP_APP_SECRET"
    )
    return f"""
Wharf is up.

  webhook       {base_url(settings)}{WEBHOOK_PATH}
  verify token  {token}
  app secret    {secret}
  read API      {base_url(settings)}/api/whatsapp/messages/
  sign in       {"(wharf users link NAME)" if link is None else sign_in_url(settings, link)}
  health        {base_url(settings)}/readyz

  sample traffic   ./dev wharf demo
  a key to read    ./dev wharf keys create --name me --scopes all
  how far it is    ./dev wharf projections status
"""

"""The doctor's look at the database: schema, roles, clock, deliveries, views and media."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

import psycopg
from psycopg import Connection

from events.database import connect, to_primary
from projections.catalogue import REGISTERED, VIEWS
from projections.status import Status, status
from wharf.doctor.findings import Finding, note, ok, wrong
from wharf.renewal import outdated
from wharf.schema import SCHEMA_VERSION

SERVER_MIN = 150_000
CLOCK_OFF_S_MAX = 2.0
LAG_S_MAX = 10.0
SILENT = timedelta(hours=24)

_SERVER: LiteralString = """
select current_setting('server_version_num')::int, current_setting('server_version')
"""
_DURABILITY: LiteralString = """
select current_setting('fsync') = 'on', current_setting('synchronous_commit'),
       current_setting('synchronous_standby_names') <> '',
       (select count(*) from pg_stat_replication)
"""
_LAST: LiteralString = """
select (select max(received_at) from log.deliveries),
       coalesce((select sum(count) from ops.attempt_counts
                  where kind = 'delivery' and hour > now() - interval '1 day'), 0)::bigint
"""
_LAST_REASON: LiteralString = """
select reason from ops.attempts where kind = 'delivery' order by id desc limit 1
"""
_MEDIA: LiteralString = """
select count(*) filter (where expires_at < now() + interval '1 day'), count(*)
  from ops.media_jobs where closed_at is null
"""


def look_at_database(url: str) -> Iterator[Finding]:
    """It stops at the first thing that makes the others pointless."""
    try:
        with psycopg.connect(to_primary(url), autocommit=True, connect_timeout=5) as conn:
            yield from _server(conn)
            schema = _schema(conn)
            yield schema
            if schema.state == "wrong":
                return
        with connect(url, "wharf_write") as conn:
            yield _clock(conn)
            yield _append(conn)
            yield from _deliveries(conn)
            yield _media(conn)
        with connect(url, "wharf_project") as conn:
            yield from _views(status(conn), [view.name for view in outdated(url)])
    except psycopg.OperationalError as error:
        told = str(error).strip().splitlines()[0]
        yield wrong("database", told, "see after the server at DATABASE_URL")
    except psycopg.errors.InsufficientPrivilege as error:
        yield wrong(
            "roles",
            str(error).splitlines()[0],
            "run `wharf schema apply` by a login that may create roles, or grant this login the"
            " four roles",
        )


def _server(conn: Connection[Any]) -> Iterator[Finding]:
    number, version = _one(conn, _SERVER)
    if number < SERVER_MIN:
        yield wrong("database", f"PostgreSQL {version}", "upgrade it to 15 or newer")
    else:
        yield ok("database", f"PostgreSQL {version} answers")
    yield durability(conn)


def durability(conn: Connection[Any]) -> Finding:
    """Whether an answer 200 means what it says. The service asks when it starts, too."""
    fsync, synchronous_commit, sync_standby, standbys = _one(conn, _DURABILITY)
    if not fsync or synchronous_commit in ("off", "local"):
        return wrong(
            "durability",
            f"fsync is {'on' if fsync else 'off'}, synchronous_commit is {synchronous_commit}: what"
            " was acknowledged can be lost",
            "set fsync = on and synchronous_commit = on",
        )
    if standbys and not sync_standby:
        return wrong(
            "durability",
            f"{standbys} standbys follow asynchronously: after a failover positions are handed out"
            " twice and what was acknowledged last is lost",
            "set synchronous_standby_names",
        )
    return ok("durability", "an answer 200 means that it is on the disk")


def _schema(conn: Connection[Any]) -> Finding:
    (there,) = _one(conn, "select to_regclass('ops.schema_version') is not null")
    if not there:
        return wrong("schema", "there is none", "run `wharf schema apply`")
    (version,) = _one(conn, "select max(version) from ops.schema_version")
    if version < SCHEMA_VERSION:
        return wrong("schema", f"it is version {version}", "run `wharf schema apply`")
    if version > SCHEMA_VERSION:
        return wrong(
            "schema",
            f"it is version {version}, this program knows {SCHEMA_VERSION}",
            "run the newer release",
        )
    return ok("schema", f"version {version}")


def _clock(conn: Connection[Any]) -> Finding:
    (theirs,) = _one(conn, "select clock_timestamp()")
    off_s = abs((datetime.now(UTC) - theirs).total_seconds())
    if off_s > CLOCK_OFF_S_MAX:
        return wrong(
            "clock", f"it differs from the database's by {off_s:.0f} s", "run an NTP client on both"
        )
    return ok("clock", "as the database's")


def _append(conn: Connection[Any]) -> Finding:
    held = conn.execute(
        "select pid from pg_locks where relation = 'log.append_lock'::regclass and granted"
        "   and mode = 'ExclusiveLock'"
    ).fetchall()
    allowed = _one(
        conn,
        "select has_function_privilege(p.oid, 'execute') from pg_proc p"
        " where p.oid = 'log.append_v1'::regproc",
    )
    if allowed != (True,):
        return wrong("append", "wharf_write may not append", "run `wharf schema apply`")
    return ok("append", "possible" + (", somebody is at it" if held else ""))


def _deliveries(conn: Connection[Any]) -> Iterator[Finding]:
    last, refused = _one(conn, _LAST)
    if last is None:
        yield note(
            "webhooks",
            "none was ever verified",
            'see README, "Connect Meta": callback URL, subscribed fields, app secret',
        )
    elif datetime.now(UTC) - last > SILENT:
        yield note(
            "webhooks",
            f"the last new one was verified at {last.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
            "ask Meta's console whether the app is subscribed",
        )
    else:
        yield ok(
            "webhooks", f"the last new one was verified at {last.astimezone(UTC):%H:%M:%S} UTC"
        )
    if refused:
        reason = conn.execute(_LAST_REASON).fetchone()
        yield note(
            "refused",
            f"{refused} deliveries in a day, the last because {reason[0] if reason else '?'}",
            "if they are Meta's, the app secret is not the app's: GET deliveries/refused/",
        )


def _media(conn: Connection[Any]) -> Finding:
    expiring, waiting = _one(conn, _MEDIA)
    if expiring:
        return wrong(
            "media",
            f"{expiring} files have less than a day left at Meta",
            "see GET media/?state=pending for the reason",
        )
    return ok("media", f"{waiting} files wait or are under way")


def _views(found: list[Status], others: list[str]) -> Iterator[Finding]:
    for broken in REGISTERED.broken:
        yield wrong(
            f"view {broken.name}",
            f"{broken.package} registers it, but {broken.reason}",
            "mend or uninstall that package; the other views go on",
        )
    for each in found:
        if not each.active:
            continue
        about = f"view {each.view}"
        if each.view not in VIEWS:
            yield note(
                about,
                "no installed package brings it, so it stays as it is",
                f"install its package again, or `wharf projections forget {each.view}`",
            )
        elif each.view in others:
            yield wrong(
                about,
                f"version {each.version} was made by another release",
                "run `wharf projections rebuild --outdated`",
            )
        elif each.poison:
            yield wrong(
                about,
                f"goes without {each.poison} events that it could not apply",
                "see `wharf projections poison list`",
            )
        elif each.paused_at is not None:
            yield note(
                about,
                f"{each.paused_by} paused it at {each.paused_at.astimezone(UTC):%Y-%m-%d %H:%M}"
                f" UTC, it is {each.lag_events} events behind",
                f"`wharf projections resume {each.view}`",
            )
        elif each.lag_s > LAG_S_MAX:
            yield wrong(
                about,
                f"is {each.lag_events} events and {each.lag_s:.0f} s behind",
                "see that `wharf up` or `wharf work` runs, and what its log says",
            )
        else:
            yield ok(about, f"version {each.version} is at position {each.position}")


def _one(conn: Connection[Any], statement: LiteralString) -> tuple[Any, ...]:
    row = conn.execute(statement).fetchone()
    assert row is not None  # each of these answers one row
    return tuple(row)

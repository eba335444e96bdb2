"""Projecting: keeps every version of every view up to date, from whichever thread asks."""

import logging
import threading
from collections.abc import Mapping
from typing import Any, LiteralString

import psycopg
from psycopg import Connection
from psycopg.errors import IdleInTransactionSessionTimeout

from projections import held_up
from projections.projector import catch_up, connect_projector
from projections.view import View

logger = logging.getLogger(__name__)

# A version of another release's view has other tables, or rows by other rules.
_READY: LiteralString = """
select version from read.versions
 where view = %s and definition = %s and state = 'ready' and paused_at is null
 order by version desc
"""

_REACHED: LiteralString = """
select v.position >= %s from read.versions v join read.active a using (view, version)
 where v.view = %s
"""


class Projecting:
    """One connection per thread; a version that another process works on is left to it."""

    def __init__(self, url: str, views: Mapping[str, View]) -> None:
        self._url = url
        self.views = views
        self._local = threading.local()
        self._open: list[Connection[Any]] = []
        self._lock = threading.Lock()

    def catch_up(self, view_name: str) -> None:
        """Bring all ready versions of the view, as this release knows it, to the head.

        Never raises: a database that is away is tried again by the next hint or sweep, and so is
        an event that fails, which holds its view up and is loud in the log.
        """
        view = self.views[view_name]
        try:
            conn = self._connection()
            for (version,) in conn.execute(_READY, (view.name, view.definition)).fetchall():
                self._catch_up(conn, view, version)
        except (psycopg.OperationalError, IdleInTransactionSessionTimeout) as error:
            self._forget()
            logger.warning("no database to project", extra={"reason": str(error).strip()})
        except Exception:
            # Also what is no error of PostgreSQL's: whoever asked may be a sweep, and nobody would
            # miss one that has ended.
            self._forget()
            logger.exception("a batch failed", extra={"view": view_name})

    def _catch_up(self, conn: Connection[Any], view: View, version: int) -> None:
        try:
            catch_up(conn, view, version)
        except psycopg.OperationalError:
            raise
        except Exception as error:
            # The connection may be in any state; whoever looks after the view wants to know why.
            self._forget()
            held_up.note(self._connection(), view.name, version, error)
            raise

    def reached(self, view_name: str, position: int) -> bool:
        """Whether the active version has applied everything up to `position`; False if in doubt."""
        try:
            found = self._connection().execute(_REACHED, (position, view_name)).fetchone()
        except psycopg.OperationalError:
            self._forget()
            return False
        return found == (True,)

    def close(self) -> None:
        """Close what all threads opened; call it when they have ended."""
        with self._lock:
            for conn in self._open:
                conn.close()
            self._open.clear()

    def _connection(self) -> Connection[Any]:
        conn: Connection[Any] | None = getattr(self._local, "conn", None)
        if conn is None or conn.closed:
            conn = connect_projector(self._url)
            self._local.conn = conn
            with self._lock:
                self._open.append(conn)
        return conn

    def _forget(self) -> None:
        conn: Connection[Any] | None = getattr(self._local, "conn", None)
        if conn is not None:
            conn.close()
            self._local.conn = None
            with self._lock:
                self._open.remove(conn)

"""The database at the start: a process that serves waits for it.

One that ended instead would be started again and again, which takes longer than to look again, and
systemd gives up after five starts in ten seconds.
"""

import logging
import threading

from psycopg.pq import PGconn, Ping

from events.database import in_time

logger = logging.getLogger(__name__)

AWAY = (Ping.NO_RESPONSE, Ping.REJECT)
LOOK_EVERY_S = 0.5


def wait_for_database(url: str, ended: threading.Event) -> bool:
    """Until a server takes connections there, or `ended` is set: False then.

    Nothing else is waited for: who may not sign in, or finds no such database, is told at once.
    """
    conninfo = in_time(url).encode()
    waited = False
    while PGconn.ping(conninfo) in AWAY:
        if not waited:
            logger.warning("the database does not answer: waiting for it")
        waited = True
        if ended.wait(LOOK_EVERY_S):
            return False
    if waited:
        logger.info("the database is there")
    return True

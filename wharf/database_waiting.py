"""The database at the start: a process that serves waits for it.

One that ended instead would be started again and again, which takes longer than to look again, and
systemd gives up after five starts in ten seconds.
"""

import logging
import threading

from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import PGconn, Ping

from events.database import CONNECT_TIMEOUT_S

logger = logging.getLogger(__name__)

AWAY = (Ping.NO_RESPONSE, Ping.REJECT)
LOOK_EVERY_S = 0.5


def wait_for_database(url: str, ended: threading.Event) -> bool:
    """Until a server takes connections there, or `ended` is set: False then.

    Nothing else is waited for: who may not sign in, or finds no such database, is told at once.
    """
    params = conninfo_to_dict(url)
    params.setdefault("connect_timeout", CONNECT_TIMEOUT_S)
    conninfo = make_conninfo("", **params).encode()
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

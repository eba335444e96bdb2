"""Idempotency keys: a command that comes again with its key is answered again and not done again.

A key is remembered for a day, for one caller and one address. Before the command runs its key is
written down, and since when; the dedupe key of what it appends is made from these. So when the
process dies between the append and the remembering, the next try appends nothing either.
"""

import hashlib
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any, LiteralString, NamedTuple

from psycopg.types.json import Jsonb
from starlette.requests import Request
from starlette.responses import Response

from events.database import Pool
from events.errors import LogUnavailable
from write_side.cause import Begun
from write_side.connections import Connection, on_connection
from write_side.errors import InvalidHeader, KeyInUse, KeyReused

logger = logging.getLogger(__name__)

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
# Longer than any command takes; whoever holds a key this long is dead.
LEASE_S = 30
# A greater answer is not kept: the command is done again, and appends nothing the second time.
ANSWER_BYTES_MAX = 64 * 1024
KEYS_MAX_OF_ONE = 10_000
KEPT_HEADERS = ("X-Log-Position", "Content-Location", "Location")

# A key that is over, or whose holder has died, begins anew; the latter keeps its time, so that
# what was appended is found again. A few others that are over are forgotten by the way.
BEGIN: LiteralString = """
with outdated as (
    delete from ops.idempotency_keys
     where id = any (array(
           select k.id from ops.idempotency_keys k
            where k.begun_at < now() - interval '24 hours' and k.id <> %(id)s
            order by k.begun_at
            limit 20
              for update skip locked))
)
insert into ops.idempotency_keys as k (id, actor, body_hash, begun_at, leased_until)
values (%(id)s, %(actor)s, %(body_hash)s, now(), now() + %(lease_s)s * interval '1 second')
    on conflict (id) do update
   set body_hash = excluded.body_hash,
       begun_at = case when k.begun_at < now() - interval '24 hours'
                       then excluded.begun_at else k.begun_at end,
       leased_until = excluded.leased_until,
       status = null,
       headers = null,
       answer = null
 where k.begun_at < now() - interval '24 hours'
    or k.status is null and k.leased_until < now() and k.body_hash = excluded.body_hash
returning (extract(epoch from begun_at) * 1000)::bigint
"""

KNOWN: LiteralString = """
select k.body_hash, k.status, k.headers, k.answer
  from ops.idempotency_keys k
 where k.id = %(id)s
"""

REMEMBER: LiteralString = """
update ops.idempotency_keys
   set status = %(status)s, headers = %(headers)s, answer = %(answer)s
 where id = %(id)s
"""

FORGET: LiteralString = """
delete from ops.idempotency_keys where id = %(id)s and status is null
"""

# One caller can't fill the table within the day.
BOUND: LiteralString = """
delete from ops.idempotency_keys
 where actor = %(actor)s
   and begun_at < (
       select k.begun_at from ops.idempotency_keys k
        where k.actor = %(actor)s
        order by k.begun_at desc
       offset %(most)s
        limit 1)
"""

Asked = Callable[[Request], Awaitable[Response]]


class _Known(NamedTuple):
    body_hash: bytes
    status: int | None
    headers: dict[str, str] | None
    answer: bytes | None


class Idempotency:
    """Puts commands behind their keys; one without a key goes by."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def around(self, command: Asked) -> Asked:
        """The command, done once for each key. Answers that are no success are not remembered.

        Raises InvalidHeader, KeyReused, KeyInUse, what the command does, and LogUnavailable.
        """

        async def once(request: Request) -> Response:
            key = asked_key(request)
            if key is None:
                return await command(request)
            id_ = key_id(request, key)
            body = await request.body()
            body_hash = hashlib.sha256(body).digest()
            actor = request.user.username
            begun = await self._begin(id_, actor, body_hash)
            if isinstance(begun, Response):
                return begun
            request.scope["wharf.begun"] = Begun(id_.hex(), begun)
            try:
                response = await command(request)
            except BaseException:
                await self._finish(id_, actor, None)
                raise
            await self._finish(id_, actor, response)
            return response

        return once

    async def _begin(self, id_: bytes, actor: str, body_hash: bytes) -> int | Response:
        """Since when the key is being used (milliseconds), or the answer that it got before."""
        values = {"id": id_, "actor": actor, "body_hash": body_hash, "lease_s": LEASE_S}

        async def begin(conn: Connection) -> int | _Known | None:
            row = await (await conn.execute(BEGIN, values)).fetchone()
            if row is not None:
                return int(row[0])
            known = await (await conn.execute(KNOWN, values)).fetchone()
            return None if known is None else _Known(*known)

        found = await on_connection(self._pool, begin)
        if isinstance(found, int):
            return found
        if found is None:
            # It was forgotten between the two looks: its command has just failed.
            raise KeyInUse
        if bytes(found.body_hash) != body_hash:
            raise KeyReused
        if found.status is None:
            raise KeyInUse
        headers = {**(found.headers or {}), REPLAYED: "true"}
        return Response(bytes(found.answer or b""), found.status, headers)

    async def _finish(self, id_: bytes, actor: str, response: Response | None) -> None:
        """Never raises: the command is done, or has its own error to tell."""
        good = response is not None and response.status_code < 400
        statement, values = FORGET, {"id": id_}
        if response is not None and good and len(response.body) <= ANSWER_BYTES_MAX:
            statement, values = REMEMBER, {"id": id_, **_kept(response)}

        async def finish(conn: Connection) -> None:
            await conn.execute(statement, values)
            if id_[0] == 0:
                await conn.execute(BOUND, {"actor": actor, "most": KEYS_MAX_OF_ONE})

        try:
            await on_connection(self._pool, finish)
        except LogUnavailable as error:
            # Its lease ends, and the next try appends nothing.
            logger.warning("an answer was not remembered", extra={"reason": str(error)})


def asked_key(request: Request) -> str | None:
    """Raises InvalidHeader: a key is 1 to 255 visible characters."""
    keys = request.headers.getlist(HEADER)
    if not keys:
        return None
    # The drafts of the header have it as a quoted string, and most clients send it bare.
    key = keys[0].strip().removeprefix('"').removesuffix('"')
    if len(keys) > 1 or not re.fullmatch(r"[\x21-\x7e]{1,255}", key):
        raise InvalidHeader(HEADER, "has to be given once, as 1 to 255 visible characters")
    return key


def key_id(request: Request, key: str) -> bytes:
    """What names a key: it is the caller's own, and holds for one method and address."""
    path = request.url.path.rstrip("/")
    parts = (request.user.username, request.method, path, key)
    return hashlib.sha256("".join(f"{len(part)}:{part}" for part in parts).encode()).digest()


def _kept(response: Response) -> dict[str, Any]:
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    headers["Content-Type"] = response.headers.get("Content-Type", "application/json")
    return {
        "status": response.status_code,
        "headers": Jsonb(headers),
        "answer": bytes(response.body),
    }

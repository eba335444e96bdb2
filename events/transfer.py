"""Export and import: the log as JSON lines, to be had again with the same positions.

A line is an object with one key: `delivery` (its body in base64), `item` (of a delivery, that
became no event), `event`, and at the end `manifest`, which says how many there were, from which
position to which, and the SHA-256 of all bytes before it.
"""

import base64
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any, LiteralString

import msgspec
import psycopg
from psycopg import Connection
from psycopg.rows import dict_row

FORMAT = 1
# Rows in memory at a time; a body has up to 3 MiB.
ROWS = 500
BYTES = 16 * 1024 * 1024

_EXPORTED: tuple[tuple[str, LiteralString], ...] = (
    (
        "delivery",
        "select id, key::text, encode(sha256, 'hex') as sha256, signature, secret, received_at,"
        "       outcome, attempts, last_attempt_at, body"
        "  from log.deliveries order by id",
    ),
    (
        "item",
        "select delivery_id, pointer, outcome, position, reason"
        "  from log.delivery_items order by delivery_id, pointer",
    ),
    (
        "event",
        "select position, stream, type, version, data::text as data, occurred_at, recorded_at,"
        "       delivery_id, pointer, dedupe::text, actor, causation"
        "  from log.events order by position",
    ),
)

_IMPORT: LiteralString = """
select log.import_v1(
    %(deliveries)s::jsonb, %(bodies)s::bytea[], %(items)s::jsonb, %(events)s::jsonb)
"""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an export holds; `sha256` (hex) is that of all lines before this one."""

    format: int
    first: int
    last: int
    deliveries: int
    items: int
    events: int
    sha256: str


class NotAnExport(Exception):
    """The lines are not what an export wrote: says which line and what is wrong."""


class LogNotEmpty(Exception):
    """There is something in the log, which an import would be mixed with."""


def export(conn: Connection[Any]) -> Iterator[bytes]:
    """The whole log as lines, the manifest last; one snapshot, in flat memory.

    `conn` may read the log, as wharf_write; it is in a transaction until the last line is taken.
    """
    digest = sha256()
    counts: Counter[str] = Counter()
    first = last = 0
    with conn.transaction():
        conn.execute("set transaction isolation level repeatable read, read only")
        for kind, statement in _EXPORTED:
            for row in _rows(conn, kind, statement):
                counts[kind] += 1
                if kind == "event":
                    first, last = first or row["position"], row["position"]
                line = _line(kind, row)
                digest.update(line)
                yield line
    manifest = Manifest(
        FORMAT,
        first,
        last,
        counts["delivery"],
        counts["item"],
        counts["event"],
        digest.hexdigest(),
    )
    yield _encoded("manifest", msgspec.structs.asdict(manifest))


def _rows(conn: Connection[Any], kind: str, statement: LiteralString) -> Iterator[dict[str, Any]]:
    with conn.cursor(f"export_{kind}", row_factory=dict_row) as cursor:
        cursor.itersize = ROWS
        cursor.execute(statement, binary=True)
        yield from cursor


def _line(kind: str, row: dict[str, Any]) -> bytes:
    if kind == "delivery":
        row["body"] = base64.b64encode(row["body"]).decode()
    elif kind == "event":
        # As PostgreSQL has it: a number of 300 digits comes through as it is.
        row["data"] = msgspec.Raw(row["data"].encode())
    return _encoded(kind, row)


def _encoded(kind: str, row: dict[str, Any]) -> bytes:
    return msgspec.json.encode({kind: row}) + b"\n"


def import_log(conn: Connection[Any], lines: Iterable[bytes]) -> Manifest:
    """Put an export into an empty log, all of it or nothing.

    `conn` acts as wharf_owner. Raises NotAnExport and LogNotEmpty.
    """
    digest = sha256()
    counts: Counter[str] = Counter()
    manifest: Manifest | None = None
    with conn.transaction():
        batch = _Batch(conn)
        for number, line in enumerate(lines, 1):
            if manifest is not None:
                raise NotAnExport(f"line {number}: there is something after the manifest")
            kind, row = _parsed(number, line)
            if kind == "manifest":
                manifest = _manifest(number, row)
                continue
            digest.update(line)
            counts[kind] += 1
            try:
                batch.add(kind, row)
            except (psycopg.DataError, psycopg.IntegrityError, ValueError) as error:
                raise NotAnExport(f"up to line {number}: {error}") from error
        if manifest is None:
            raise NotAnExport("there is no manifest at the end: the file was cut off")
        try:
            batch.flush()
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            raise NotAnExport(f"before the manifest: {error}") from error
        found = (counts["delivery"], counts["item"], counts["event"], digest.hexdigest())
        told = (manifest.deliveries, manifest.items, manifest.events, manifest.sha256)
        if found != told:
            raise NotAnExport("the lines are not those that the manifest is of")
        _check_dense(conn, manifest)
        _check_versions(conn)
    return manifest


class _Delivery(msgspec.Struct, forbid_unknown_fields=True):
    id: int
    key: str
    sha256: str
    signature: str
    secret: str
    received_at: str
    outcome: str
    attempts: int
    last_attempt_at: str
    body: bytes


class _Batch:
    """Rows on their way into the log, some hundred at a time."""

    def __init__(self, conn: Connection[Any]) -> None:
        self._conn = conn
        self._clear()

    def _clear(self) -> None:
        self._rows: dict[str, list[bytes]] = {"delivery": [], "item": [], "event": []}
        self._bodies: list[bytes] = []
        self._count = self._bytes = 0

    def add(self, kind: str, row: bytes) -> None:
        """Events stay text, which PostgreSQL alone parses: numbers come through as they are."""
        if kind == "delivery":
            delivery = msgspec.json.decode(row, type=_Delivery)
            self._bodies.append(delivery.body)
            facts = msgspec.structs.asdict(delivery) | {"sha256": f"\\x{delivery.sha256}"}
            row = msgspec.json.encode({name: facts[name] for name in facts if name != "body"})
        self._rows[kind].append(row)
        self._count, self._bytes = self._count + 1, self._bytes + len(row)
        if self._count >= ROWS or self._bytes + sum(map(len, self._bodies)) >= BYTES:
            self.flush()

    def flush(self) -> None:
        facts = {
            "deliveries": _array(self._rows["delivery"]),
            "bodies": self._bodies,
            "items": _array(self._rows["item"]),
            "events": _array(self._rows["event"]),
        }
        try:
            self._conn.execute(_IMPORT, facts)
        except psycopg.errors.ObjectNotInPrerequisiteState as error:
            raise LogNotEmpty("an import wants an empty log, and this one is not") from error
        self._clear()


def _array(texts: list[bytes]) -> str:
    return f"[{b','.join(texts).decode()}]"


def _parsed(number: int, line: bytes) -> tuple[str, bytes]:
    try:
        ((kind, row),) = msgspec.json.decode(line, type=dict[str, msgspec.Raw]).items()
    except (msgspec.DecodeError, ValueError) as error:
        raise NotAnExport(
            f"line {number} is none that an export has: the file was cut off there, or changed"
        ) from error
    if kind not in ("delivery", "item", "event", "manifest"):
        raise NotAnExport(f"line {number} is of no kind that an export has")
    return kind, bytes(row)


def _manifest(number: int, row: bytes) -> Manifest:
    try:
        manifest = msgspec.json.decode(row, type=Manifest)
    except msgspec.DecodeError as error:
        raise NotAnExport(f"line {number}: {error}") from error
    if manifest.format != FORMAT:
        raise NotAnExport(f"line {number}: format {manifest.format} is not known here")
    return manifest


def _check_dense(conn: Connection[Any], manifest: Manifest) -> None:
    found = conn.execute(
        "select coalesce(min(position), 0), coalesce(max(position), 0), count(*) from log.events"
    ).fetchone()
    expected = (min(manifest.events, 1), manifest.events, manifest.events)
    if found != expected:
        raise NotAnExport(f"positions run from {manifest.first} to {manifest.last}, with gaps")


def _check_versions(conn: Connection[Any]) -> None:
    found = conn.execute(
        "select position, type, version from log.events"
        " where version > log.latest_version(type) order by position limit 1"
    ).fetchone()
    if found is not None:
        position, type_, version = found
        raise NotAnExport(
            f"{type_} version {version}, at position {position}, is of a newer release: import it"
            " there"
        )

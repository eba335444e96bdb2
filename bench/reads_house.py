"""A database full of messages, the service on it, and a client: what reads are measured on."""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import httpx
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bench import read_rows, service
from events.database import connect
from wharf.keys import create_key
from wharf.schema import apply_schema

SMALL = 20_000
MESSAGES_A_CONVERSATION = 20
CONNECTIONS = 8
API = "/api/whatsapp/"


class House(NamedTuple):
    """A database with its service, and a client that has a key."""

    url: str
    client: httpx.Client
    places: dict[str, str]
    port: int
    key: str
    pid: int


@contextmanager
def house(folder: Path, server: str, messages: int) -> Iterator[House]:
    """The service on a database with so many messages, which is filled if it is not there."""
    name = f"reads_{messages}"
    url = make_conninfo(server, dbname=name)
    with psycopg.connect(server, autocommit=True) as conn:
        if not conn.execute("select from pg_database where datname = %s", (name,)).fetchall():
            began = time.perf_counter()
            conn.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
            apply_schema(url)
            with connect(url, "wharf_owner") as owner:
                read_rows.fill(owner, messages, messages // MESSAGES_A_CONVERSATION)
            print(f"{name} filled in {time.perf_counter() - began:.0f} s", flush=True)
    with connect(url, "wharf_owner") as owner:
        key = create_key(owner, "bench", ["all"]).token
    place = folder / name
    place.mkdir(exist_ok=True)
    parts = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    user, database = parts.pop("user"), parts.pop("dbname")
    settings = {"DATABASE_URL": f"postgresql://{user}@/{database}?{urlencode(parts)}"}
    with (
        service.running(place, [*service.WHARF, "serve"], settings=settings) as running,
        httpx.Client(
            base_url=f"http://127.0.0.1:{running.port}{API}",
            headers={"Authorization": f"Bearer {key}"},
            trust_env=False,
            timeout=30,
        ) as client,
    ):
        pid = running.process.pid
        yield House(url, client, places(url, client, messages), running.port, key, pid)


def places(url: str, client: httpx.Client, messages: int) -> dict[str, str]:
    """What the addresses of lists are filled in with."""
    with connect(url, "wharf_read") as conn:
        enter(conn)
        rows = conn.execute(
            "select c.id, c.phone_number from conversations c order by c.message_count desc limit 1"
        ).fetchall()
        at = conn.execute("select sorted_at from messages where id = %s", (messages // 2,))
        middle = at.fetchall()[0][0]
        rare = conn.execute(
            "select substring(text from 'once[0-9]+') from texts"
            " where sorted_at > %s and text like '%%once%%' order by sorted_at limit 1",
            (middle,),
        ).fetchall()[0][0]
    return {
        "middle": half_way(client, middle),
        "conversation": str(rows[0][0]),
        "phone": rows[0][1],
        "end": rows[0][1][-8:],
        "rare": rare,
    }


def half_way(client: httpx.Client, middle: datetime) -> str:
    """Through a filter that holds for the page's first row, since a cursor is bound to filters."""
    found = client.get("messages/", params={"to": middle.isoformat(), "limit": 1}).json()
    return quote(found["next_cursor"]) + "&to=" + quote(middle.isoformat())


def enter(conn: psycopg.Connection[Any]) -> str:
    row = conn.execute(
        "select string_agg(schema_name, ',') from read.active join read.versions"
        " using (view, version)"
    ).fetchone()
    assert row is not None
    conn.execute("select set_config('search_path', %s, false)", (row[0],))
    return str(row[0])


class Load(NamedTuple):
    rate: float
    p50_ms: float
    p99_ms: float


def load(house: House, address: str, seconds: int, port: int | None = None) -> Load:
    """wrk over eight connections."""
    wrk = shutil.which("wrk")
    if wrk is None:
        sys.exit("this bench needs wrk (Debian and Ubuntu: apt install wrk)")
    target = f"http://127.0.0.1:{port or house.port}{API}{address.format(**house.places)}"
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "--timeout", "20s"]
    command += ["-H", f"Authorization: Bearer {house.key}", target]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in out:
        raise RuntimeError(out)
    rate = float(re.findall(r"Requests/sec:\s+([\d.]+)", out)[0])
    # Not the shares of the deviation, which end in "%" as well. Seconds have a space behind them.
    told = dict(re.findall(r"^\s+(\d+)%\s+(\S+) *$", out, re.MULTILINE))
    return Load(rate, milliseconds(told["50"]), milliseconds(told["99"]))


def milliseconds(text: str) -> float:
    number, unit = re.findall(r"([\d.]+)(us|ms|s|m)", text)[0]
    return float(number) * {"us": 0.001, "ms": 1.0, "s": 1_000.0, "m": 60_000.0}[unit]

"""How long lists take at 2M messages and at 20k, and GET messages/ beside the least there can be.

.venv/bin/python -m bench.reads [--folder KEPT] [--messages 2000000] [--rounds 5] [--seconds 4]
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import httpx
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bench import read_rows, service
from events.database import connect
from read_api.message_pages import Question
from read_api.paging import Page
from wharf.keys import create_key
from wharf.postgres.supervisor import EmbeddedPostgres
from wharf.schema import apply_schema

SMALL = 20_000
MESSAGES_A_CONVERSATION = 20
CONNECTIONS = 8
API = "/api/whatsapp/"

# Each list that a keyset pages, and searches. {middle} is a cursor half-way through the list.
LISTS: dict[str, str] = {
    "messages": "messages/",
    "messages, half-way": "messages/?cursor={middle}",
    "messages, as they arrived": "messages/?sort=-received_at",
    "messages of a type": "messages/?type=document",
    "messages that failed": "messages/?status=failed",
    "messages of an error": "messages/?error_code=131047",
    "unread messages": "messages/?unread=true",
    "messages of a phone": "messages/?phone={phone}",
    "messages of the end of a phone": "messages/?phone={end}&phone_match=suffix",
    "messages whose file failed": "messages/?media_state=failed",
    "conversations, no messages": "conversations/?messages=0",
    "conversations, 10 messages each": "conversations/",
    "unread conversations": "conversations/?unread=true&messages=0",
    "a thread": "conversations/{conversation}/messages/",
    "statuses": "statuses/",
    "statuses that failed": "statuses/?status=failed",
    "files that failed": "media/?state=failed",
}
SEARCHES: dict[str, str] = {
    "search: a common word": "messages/?q=please",
    "search: a rare word": "messages/?q={rare}",
    "search: two words, one rare": "messages/?q=please%20{rare}",
    "search: nothing": "messages/?q=neverwritten",
    "search in a thread": "conversations/{conversation}/messages/?q=please",
    "a common word, counted": "messages/?q=please&total=capped",
    "messages, counted": "messages/?total=capped",
}


class House(NamedTuple):
    """A database with its service, and a client that has a key."""

    url: str
    client: httpx.Client
    places: dict[str, str]
    port: int
    key: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="kept, and used again when it is there")
    parser.add_argument("--messages", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=4)
    options = parser.parse_args()
    with ExitStack() as stack:
        kept = options.folder
        folder = kept or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reads-")))
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711)
        url = stack.enter_context(EmbeddedPostgres(folder / "postgres"))
        small, large = (
            stack.enter_context(house(folder, url, n)) for n in (SMALL, options.messages)
        )
        compare_lists(small, large, options.requests)
        compare_pages(stack, folder, large, options.rounds, options.seconds)


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
        yield House(url, client, places(url, client, messages), running.port, key)


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


def compare_lists(small: House, large: House, requests: int) -> None:
    """One request at a time, small and large in turns, so that both see the same machine."""
    print("\n| list | 20k: p50, p99 | 2M: p50, p99 | ratio of p99 | a second |")
    print("|---|---|---|---|---|")
    for name, address in {**LISTS, **SEARCHES}.items():
        times: list[list[float]] = [[], []]
        for n in range(requests + 5):
            for one, house in zip(times, (small, large), strict=True):
                began = time.perf_counter()
                answer = house.client.get(address.format(**house.places))
                if n >= 5:
                    one.append((time.perf_counter() - began) * 1e3)
                assert answer.status_code == 200, (name, answer.text)
        ours, theirs = ((median(each), quantiles(each, n=100)[98]) for each in times)
        print(
            f"| {name} | {ours[0]:.1f}, {ours[1]:.1f} ms | {theirs[0]:.1f}, {theirs[1]:.1f} ms"
            f" | {theirs[1] / ours[1]:.2f} (p50 {theirs[0] / ours[0]:.2f})"
            f" | {load(large, address, 1).rate:.0f} |",
            flush=True,
        )


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
    # Not the shares of the deviation, which end in "%" as well.
    told = dict(re.findall(r"^\s+(\d+)%\s+(\S+)$", out, re.MULTILINE))
    return Load(rate, milliseconds(told["50"]), milliseconds(told["99"]))


def milliseconds(text: str) -> float:
    number, unit = re.findall(r"([\d.]+)(us|ms|s|m)", text)[0]
    return float(number) * {"us": 0.001, "ms": 1.0, "s": 1_000.0, "m": 60_000.0}[unit]


def compare_pages(stack: ExitStack, folder: Path, large: House, rounds: int, seconds: int) -> None:
    """The page of 50, three ways in turns, each in one process on the same database."""
    statement = folder / "statement.sql"
    question = Question(Page("messages", "-timestamp", {}, None, 49))
    statement.write_bytes(question.page_query().statement.as_bytes(None))  # type: ignore[union-attr]
    with connect(large.url, "wharf_read") as conn:
        path = enter(conn)
    parts = conninfo_to_dict(large.url)
    for name in ("bare", "django"):
        (folder / name).mkdir(exist_ok=True)
    bare = stack.enter_context(
        service.running(
            folder / "bare",
            ["-m", "bench.reads_bare", "{port}"],
            settings={
                "BENCH_DATABASE_URL": make_conninfo(large.url, options=f"-c search_path={path}"),
                "BENCH_STATEMENT": str(statement),
            },
        )
    )
    python = django_environment(folder / "django-environment")
    serve = ["-m", "gunicorn", "-b", "127.0.0.1:{port}", "-k", "gthread", "--threads", "8"]
    django = stack.enter_context(
        service.running(
            folder / "django",
            [*serve, "--keep-alive", "60", "bench.reads_django:application"],
            python=python,
            settings={
                "BENCH_DATABASE": str(parts["dbname"]),
                "BENCH_HOST": str(parts["host"]),
                "BENCH_USER": str(parts["user"]),
                "BENCH_SEARCH_PATH": path,
            },
        )
    )
    ports = {"wharf": large.port, "bare": bare.port, "django": django.port}
    figures: dict[str, list[Load]] = {name: [] for name in ports}
    for round_ in range(rounds + 1):
        for name, port in ports.items():
            found = load(large, "messages/", seconds, port)
            if round_:
                figures[name].append(found)
    print()
    for name, rounds_of in figures.items():
        rate, p50, p99 = (median(each) for each in zip(*rounds_of, strict=True))
        print(f"{name:8s} {rate:.0f}/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    for other in ("bare", "django"):
        ratios = [a.rate / b.rate for a, b in zip(figures["wharf"], figures[other], strict=True)]
        print(f"wharf / {other}: {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


def django_environment(folder: Path) -> str:
    """An environment of its own, gone with the folder: Django is none of Wharf's packages."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        install = [str(python), "-m", "pip", "install", "-q"]
        command = [*install, "django", "gunicorn", "psycopg[binary,pool]"]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": ""})
    return str(python)


if __name__ == "__main__":
    main()

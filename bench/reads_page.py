"""The page of 50 messages three ways in turns: by Wharf, as the bare query, and by Django."""

import os
import subprocess
import venv
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bench import service
from bench.processor import Spent, spend
from bench.reads_house import API, House, Load, enter, load
from events.database import connect
from read_api.message_pages import Question
from read_api.paging import Page

# Requests between two looks at what the processes have spent.
IN_TURN = 25


def compare_pages(
    stack: ExitStack, folder: Path, large: House, server: int, rounds: int, seconds: int
) -> None:
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
    ways = {"wharf": (large.pid, large.port)} | {
        name: (each.process.pid, each.port) for name, each in (("bare", bare), ("django", django))
    }
    figures: dict[str, list[Load]] = {name: [] for name in ways}
    found = {name: Spent([], [], []) for name in ways}
    for round_ in range(rounds + 1):
        for name, (pid, port) in ways.items():
            rate = load(large, "messages/", seconds, port)
            page = f"http://127.0.0.1:{port}{API}messages/"
            told = spend(large.client, page, pid, server, IN_TURN)
            if round_:
                figures[name].append(rate)
                found[name].add(told)
    print("\n| | a second | p50, p99 | web | PostgreSQL | of Wharf |\n|---|---|---|---|---|---|")
    ours = found["wharf"]
    for name, spent in found.items():
        rate, p50, p99 = (median(each) for each in zip(*figures[name], strict=True))
        print(
            f"| {name} | {rate:.0f} | {p50:.1f}, {p99:.1f} ms | {spent.web:.2f} ms"
            f" | {spent.database:.2f} ms | {spent.all / ours.all:.2f} |"
        )
    for other in ("bare", "django"):
        rates = zip(figures["wharf"], figures[other], strict=True)
        ratios = [mine.rate / theirs.rate for mine, theirs in rates]
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

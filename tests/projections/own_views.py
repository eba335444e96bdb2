"""Run as a process that has packages with views installed; tells as JSON what it has seen."""

import json
import sys

import psycopg
from click.testing import CliRunner, Result

from events.database import connect
from projections.catalogue import REGISTERED
from projections.status import Status, status
from tests.projections.log import message, post
from tests.projections.waking import eventually
from wharf.broker import make_broker
from wharf.cli import wharf
from wharf.workers import Workers

HOUR_S = 3_600
VIEWS = ("message_hours", "message_hours_folded")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(wharf, arguments)


def of_ours(url: str) -> list[Status]:
    with connect(url, "wharf_project") as conn:
        return [each for each in status(conn) if each.view in VIEWS and each.active]


def at_head(url: str, version: int) -> bool:
    found = of_ours(url)
    return [(version, 0)] * 2 == [(each.version, each.lag_events) for each in found]


def rows(url: str, view: str, version: int) -> list[list[object]]:
    with psycopg.connect(url) as conn:
        conn.execute("select set_config('search_path', %s, false)", (f"{view}_{version}",))
        query = f"select hour at time zone 'UTC', messages from {view} order by hour"
        return [[str(hour), count] for hour, count in conn.execute(query.encode()).fetchall()]


def main(url: str) -> None:
    told: dict[str, object] = {
        "packages": REGISTERED.packages,
        "broken": [each.name for each in REGISTERED.broken],
        "schema": run("schema", "apply").output,
    }
    post(url, *(message(f"m{n}", n * HOUR_S // 3, phone="551") for n in range(7)))
    told["behind"] = [each.lag_events for each in of_ours(url)]
    with Workers(url, lambda: make_broker("stub://")):
        eventually(lambda: at_head(url, 1))
        told["live"] = [rows(url, view, 1) for view in VIEWS]
        post(url, message("later", 0, phone="552"), message("m0", 0, phone="551"))
        eventually(lambda: at_head(url, 1))
        told["later"] = [rows(url, view, 1) for view in VIEWS]
        told["rebuilt"] = run("projections", "rebuild", *VIEWS).output
        eventually(lambda: at_head(url, 2))
        told["anew"] = [rows(url, view, 2) for view in VIEWS]
    told["verified"] = [run("projections", "verify", view).output for view in VIEWS]
    with psycopg.connect(url) as conn:
        conn.execute("update message_hours_folded_2.message_hours_folded set messages = 0")
    told["differs"] = run("projections", "verify", VIEWS[1]).exit_code
    told["doctor"] = json.loads(run("doctor", "--json").stdout)
    told["seen"] = run("projections", "status").output
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1])

"""Recorded webhooks against a running service: which of their items became which events.

    .venv/bin/python -m bench.samples FOLDER

Each file of the folder is posted as Meta would post it, under a business number and an account of
its own, since samples reuse each other's ids. Once one after the other; then, to another service,
shuffled and each up to three times, which has to give the same events.
"""

import argparse
import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import httpx
import psycopg

from bench import service
from wharf.demo.sending import WEBHOOK_PATH
from wharf.postgres.supervisor import EmbeddedPostgres
from write_side.signature import sign

Table = dict[tuple[str, str], Counter[str]]
"""By field and array: how many items became which event, or no event."""

# By the delivery's own words: what field an item came in, and in which array of it.
OUTCOMES = """
select d.body, o.pointer, o.outcome
  from log.deliveries d
  join (select e.delivery_id, e.pointer, e.type as outcome from log.events e
        union all
        select i.delivery_id, i.pointer, i.outcome from log.delivery_items i) o
    on o.delivery_id = d.id
"""
EVENTS = "select dedupe::text, stream, type, data from log.events order by dedupe"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    bodies = list(own_numbers(sorted(parser.parse_args().folder.glob("*.json"))))
    clean = run([body for _, body in bodies])
    mixed = run(shuffled(bodies, Random(1)))
    for (field, array), counts in sorted(clean[0].items()):
        told = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
        print(f"| `{field}` | `{array}` | {told} |")
    print(f"{len(bodies)} files, {len(clean[1])} events; shuffled and doubled: {len(mixed[1])}")
    if clean[1] != mixed[1]:
        raise SystemExit("shuffled and doubled, the events are others")


def own_numbers(files: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    """Name and body of each file, whose business number and account nobody else has."""
    for number, file in enumerate(files, 1):
        yield file.stem, json.dumps(_owned(json.loads(file.read_bytes()), number)).encode()


def _owned(value: Any, number: int) -> Any:
    if isinstance(value, list):
        return [_owned(each, number) for each in value]
    if not isinstance(value, dict):
        return value
    own = {"phone_number_id": str(9_000_000_000_000 + number)}
    if "changes" in value:
        own["id"] = str(8_000_000_000_000 + number)
    return {key: own[key] if key in own else _owned(each, number) for key, each in value.items()}


def shuffled(bodies: Sequence[tuple[str, bytes]], random: Random) -> list[bytes]:
    """In any order, each once, twice or three times."""
    repeated = [body for _, body in bodies for _ in range(random.randint(1, 3))]
    random.shuffle(repeated)
    return repeated


def run(bodies: Sequence[bytes]) -> tuple[Table, list[Any]]:
    """What became of them in a service of its own; ends when an answer is not 200."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            EmbeddedPostgres(folder / "data" / "postgres") as url,
            service.running(folder, [*service.WHARF, "up"]) as running,
        ):
            asyncio.run(_post_all(running.port, bodies))
            return outcomes(url), events(url)


async def _post_all(port: int, bodies: Sequence[bytes]) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        for body in bodies:
            headers = {"X-Hub-Signature-256": sign(service.SECRET, body)}
            answer = await client.post(
                f"http://127.0.0.1:{port}{WEBHOOK_PATH}", content=body, headers=headers
            )
            if answer.status_code != 200:
                raise SystemExit(f"answered {answer.status_code}: {body[:200]!r}")


def outcomes(url: str) -> Table:
    """Every item of every delivery, by where it came."""
    table: Table = {}
    with psycopg.connect(url) as conn:
        for body, pointer, outcome in conn.execute(OUTCOMES):
            table.setdefault(place(json.loads(body), pointer), Counter())[outcome] += 1
    return table


def place(body: Any, pointer: str) -> tuple[str, str]:
    """Field and array of the item at a pointer such as /entry/0/changes/1/value/messages/0."""
    parts = pointer.split("/")[1:]
    if len(parts) < 4:
        return "", ""
    field = body["entry"][int(parts[1])]["changes"][int(parts[3])].get("field", "")
    return str(field), "/".join(part for part in parts[5:] if not part.isdigit())


def events(url: str) -> list[Any]:
    """What there is in the log, but for order and time of arrival."""
    with psycopg.connect(url) as conn:
        return conn.execute(EVENTS).fetchall()


if __name__ == "__main__":
    main()

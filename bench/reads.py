"""How long lists take at 2M messages and at 20k, and GET messages/ beside the least there can be.

.venv/bin/python -m bench.reads [--folder KEPT] [--messages 2000000] [--rounds 5] [--seconds 4]
"""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import quantiles
from typing import Any

from bench.processor import Spent, server_pid, spend
from bench.reads_house import SMALL, House, house, load
from bench.reads_page import compare_pages
from wharf.postgres.supervisor import EmbeddedPostgres

PAGE = 50
# Requests between two looks at what the processes have spent.
IN_TURN = 5
# Of eight connections at a list that takes long, each has to have an answer or two.
RATE_S = 3

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="kept, and used again when it is there")
    parser.add_argument("--messages", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=400)
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
        server = server_pid(folder / "postgres")
        compare_lists(small, large, server, options.requests)
        compare_pages(stack, folder, large, server, options.rounds, options.seconds)


def compare_lists(small: House, large: House, server: int, requests: int) -> None:
    """Few requests at a time, small and large in turns, so that both see the same machine.

    Of a list that is shorter than a page at 20k, no more is asked for at 2M either.
    """
    for each in (small, large):
        # As many connections at both: each of them plans a statement anew the first five times.
        load(each, "messages/", RATE_S)
    print(
        "\n| list | rows | PostgreSQL: 20k, 2M | web: 20k, 2M | ratio of all | p50: 20k, 2M"
        " | p99: 20k, 2M | ratio of p99 (p50) | a second |\n|---|---|---|---|---|---|---|---|---|"
    )
    for name, address in {**LISTS, **SEARCHES}.items():
        rows = len(answered(small, address))
        asked = (
            address if rows >= PAGE else f"{address}{'&' if '?' in address else '?'}limit={rows}"
        )
        if rows == 0:
            asked = address
        found = [Spent([], [], []), Spent([], [], [])]
        for n in range(max(requests // IN_TURN, 1) + 1):
            for one, each in zip(found, (small, large), strict=True):
                told = spend(each.client, asked.format(**each.places), each.pid, server, IN_TURN)
                if n:
                    one.add(told)
        ours, theirs = found
        p50, p99 = ([quantiles(each.clock_ms, n=100)[k] for each in found] for k in (49, 98))
        print(
            f"| {name} | {rows} | {ours.database:.1f}, {theirs.database:.1f} ms"
            f" | {ours.web:.1f}, {theirs.web:.1f} ms | {theirs.all / ours.all:.2f}"
            f" | {p50[0]:.1f}, {p50[1]:.1f} ms | {p99[0]:.1f}, {p99[1]:.1f} ms"
            f" | {p99[1] / p99[0]:.2f} ({p50[1] / p50[0]:.2f})"
            f" | {load(large, asked, RATE_S).rate:.0f} |",
            flush=True,
        )


def answered(house: House, address: str) -> list[Any]:
    answer = house.client.get(address.format(**house.places))
    assert answer.status_code == 200, (address, answer.text)
    return next(each for each in answer.json().values() if isinstance(each, list))


if __name__ == "__main__":
    main()

"""Where the time of a webhook goes: by process and thread, and py-spy's samples of `wharf up`.

    .venv/bin/python -m bench.profile_web [--seconds 10] [--spy] [--top 40]

`--spy` needs py-spy, which is in no lock (`.venv/bin/pip install py-spy`), and the right to trace
(root, or kernel.yama.ptrace_scope 0). It slows what it looks at down a good deal.
"""

import argparse
import os
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from bench import load, service
from bench.generator import signed
from bench.webhooks import REQUESTS_A_SECOND_MAX
from wharf.postgres.supervisor import EmbeddedPostgres

WARM_UP_S = 3
SAMPLES_A_SECOND = 200


class Times(NamedTuple):
    """Seconds on a core, and seconds ready to run while others had the cores."""

    running: float
    waiting: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--top", type=int, default=40)
    parser.add_argument("--spy", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wharf-bench-") as name:
        profile(Path(name), options.seconds, options.top if options.spy else 0)


def profile(folder: Path, seconds: int, top: int) -> None:
    folder.chmod(0o711)
    requests, samples = folder / "requests", folder / "samples"
    with (
        EmbeddedPostgres(folder / "data" / "postgres"),
        service.running(folder, [*service.WHARF, "up"]) as wharf,
    ):
        warm_up = signed(1, service.SECRET, REQUESTS_A_SECOND_MAX * WARM_UP_S)
        load.write_requests(requests, wharf.port, warm_up)
        load.run(wharf.port, requests, WARM_UP_S)
        bodies = signed(2, service.SECRET, REQUESTS_A_SECOND_MAX * seconds)
        load.write_requests(requests, wharf.port, bodies)
        spy = py_spy(wharf.process.pid, samples, seconds) if top else None
        before = times(folder)
        figures = load.run(wharf.port, requests, seconds)
        after = times(folder)
        if spy is not None:
            spy.wait()
    report(figures, before, after)
    if top:
        show(samples, top)


def report(figures: load.Figures, before: dict[str, Times], after: dict[str, Times]) -> None:
    print(f"{figures.per_second:.0f} acknowledged per second\n   on a core  us/request   waiting")
    for who, now in sorted(after.items()):
        then = before.get(who, Times(0, 0))
        running, waiting = now.running - then.running, now.waiting - then.waiting
        if running > 0.01 * figures.seconds:
            each = 1e6 * running / figures.answered
            shares = (running / figures.seconds, waiting / figures.seconds)
            print(f"{shares[0]:12.0%} {each:11.0f} {shares[1]:9.0%}  {who}")


def py_spy(pid: int, samples: Path, seconds: int) -> subprocess.Popen[bytes]:
    command = ["py-spy", "record", "--format", "raw", "--output", str(samples), "--gil"]
    command += ["--rate", str(SAMPLES_A_SECOND), "--duration", str(seconds), "--pid", str(pid)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def times(folder: Path) -> dict[str, Times]:
    """Of every thread of the processes that run in `folder`, PostgreSQL's among them."""
    found = {}
    for schedstat in Path("/proc").glob("[0-9]*/task/*/schedstat"):
        process, thread = schedstat.parts[2], schedstat.parts[4]
        try:
            if not os.readlink(f"/proc/{process}/cwd").startswith(str(folder)):
                continue
            command = Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            running, waiting, _ = map(int, schedstat.read_text().split())
        except OSError:
            continue  # it has ended meanwhile
        name = "postgres" if "postgres" in command.partition(" ")[0] else "python"
        found[f"{name} {process}, thread {thread}"] = Times(running / 1e9, waiting / 1e9)
    return found


def show(samples: Path, top: int) -> None:
    """Shares of the samples that hold the GIL: by function alone, and with what it calls."""
    own: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for line in samples.read_text().splitlines():
        stack, _, digits = line.rpartition(" ")
        frames = stack.split(";")
        own[frames[-1]] += int(digits)
        for frame in set(frames):
            whole[frame] += int(digits)
    total = own.total()
    for title, counter in (("with what it calls", whole), ("alone", own)):
        print(f"\n{total} samples, {title}")
        for frame, count in counter.most_common(top):
            print(f"{count / total:6.1%}  {frame}")


if __name__ == "__main__":
    main()

"""Webhooks acknowledged per second, beside an endpoint that only checks the signature.

.venv/bin/python -m bench.webhooks [--rounds 5] [--seconds 10]
"""

import argparse
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from bench import load, service
from bench.generator import signed
from bench.lag import Lag, LagWatch
from wharf.postgres.supervisor import EmbeddedPostgres

# More than the webhook takes. The no-op gets the same file several times, and cannot tell.
REQUESTS_A_SECOND_MAX = 8_000


def stored(conn: psycopg.Connection[Any]) -> int:
    row = conn.execute("select count(*) from log.deliveries").fetchone()
    assert row is not None
    return int(row[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wharf-bench-") as name:
        measure(Path(name), options.rounds, options.seconds)


def measure(folder: Path, rounds: int, seconds: int) -> None:
    parts = [folder / part for part in ("wharf", "starlette", "bare")]
    for part in parts:
        part.mkdir()
    folder.chmod(0o711)
    parts[0].chmod(0o711)
    requests = folder / "requests"
    figures: dict[str, list[load.Figures]] = {"wharf": [], "starlette": [], "bare": []}
    lags: list[Lag] = []
    acknowledged = 0
    with (
        EmbeddedPostgres(parts[0] / "data" / "postgres") as url,
        service.running(parts[0], [*service.WHARF, "up"]) as wharf,
        service.running(parts[1], ["-m", "bench.noop", "starlette", "{port}"]) as noop,
        service.running(parts[2], ["-m", "bench.noop", "bare", "{port}"]) as bare,
        psycopg.connect(url, autocommit=True) as conn,
    ):
        for round_ in range(rounds + 1):
            bodies = signed(round_, service.SECRET, REQUESTS_A_SECOND_MAX * seconds)
            load.write_requests(requests, wharf.port, bodies)
            watch = LagWatch(conn)
            watch.start()
            ours = load.run(wharf.port, requests, seconds)
            lag = watch.end()
            theirs = load.run(noop.port, requests, seconds)
            most = load.run(bare.port, requests, seconds)
            refused = ours.refused + ours.broken + ours.late
            acknowledged += ours.answered - ours.refused
            if round_ == 0:  # plans, caches and branches have warmed up
                continue
            for kind, figure in zip(figures, (ours, theirs, most), strict=True):
                figures[kind].append(figure)
            lags.append(lag)
            print(
                f"round {round_}: wharf {ours.per_second:.0f}/s"
                f" (p50 {ours.p50_ms:.1f} ms, p99 {ours.p99_ms:.1f} ms, {refused} not acknowledged,"
                f" file begun again {ours.begun_again}x), no-op {theirs.per_second:.0f}/s"
                f" (p99 {theirs.p99_ms:.1f} ms), bare {most.per_second:.0f}/s,"
                f" ratio {ours.per_second / theirs.per_second:.3f};"
                f" lag {lag.half_time} -> {lag.end} events, drift {lag.drift_per_s:+.0f} events/s,"
                f" caught up in {lag.catch_up_s:.2f} s",
                flush=True,
            )
        kept = stored(conn)
    report(figures, lags, acknowledged, kept)


def report(
    figures: dict[str, list[load.Figures]], lags: list[Lag], acknowledged: int, kept: int
) -> None:
    ours = [each.per_second for each in figures["wharf"]]
    ratios = [a / b.per_second for a, b in zip(ours, figures["starlette"], strict=True)]
    bare = [a / b.per_second for a, b in zip(ours, figures["bare"], strict=True)]
    print(
        f"\nmedians of {len(lags)} rounds: "
        + ", ".join(f"{k} {median(f.per_second for f in v):.0f}/s" for k, v in figures.items())
        + f"\nwharf / no-op        {median(ratios):.3f}  ({min(ratios):.3f} to {max(ratios):.3f})"
        f"\nwharf / bare ASGI    {median(bare):.3f}"
        f"\nlag drift            {median(lag.drift_per_s for lag in lags):+.0f} events/s,"
        f" caught up {median(lag.catch_up_s for lag in lags):.2f} s after the load"
        f"\nacknowledged {acknowledged}, in the log {kept}: {kept - acknowledged} more"
        " (requests that were under way when the load ended)"
    )
    if kept < acknowledged:
        raise SystemExit("acknowledged deliveries are missing from the log")


if __name__ == "__main__":
    main()

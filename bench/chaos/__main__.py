"""By hand: the controls, then so many seeds.

.venv/bin/python -m bench.chaos [--seeds 30] [--first 1] [--faults 12] [--no-controls]
"""

import argparse
import shutil
import time

from bench.chaos.controls import CONTROLS, losses
from bench.chaos.plan import plan
from bench.chaos.run import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--faults", type=int, default=12)
    parser.add_argument("--no-controls", action="store_true")
    options = parser.parse_args()
    if shutil.which("redis-server") is None:
        raise SystemExit("the broker here is a redis-server: apt install redis-server")
    if not options.no_controls:
        for control in CONTROLS:
            missing = losses(control)
            print(f"control, {control.name}: {missing} lost", flush=True)
            if not missing:
                raise SystemExit("a control lost nothing: this bench proves nothing")
    acknowledged = faults = 0
    for seed in range(options.first, options.first + options.seeds):
        planned = plan(seed, options.faults)
        told = ", ".join(f"{fault.what} at {fault.at_s:.1f} s" for fault in planned)
        print(f"seed {seed}: {told}", flush=True)
        began = time.monotonic()
        found = run(seed, planned)
        print(f"  {time.monotonic() - began:.0f} s: {found}", flush=True)
        if not found.faultless:
            raise SystemExit("that is not nothing")
        acknowledged += found.acknowledged
        faults += len(planned)
    print(f"{options.seeds} seeds, {faults} faults, {acknowledged} acknowledged, nothing amiss")


if __name__ == "__main__":
    main()

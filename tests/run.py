"""`./dev check` and `./dev test`: the static checks, the test suite, and one honest summary."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from tests.checks import COMMANDS, ROOT, Outcome, compare_versions, explain, run_check, summarise

FAST_TESTS = ["-m", "not slow and not deep and not service and not bench"]
TESTS = ["-m", "not deep and not bench"]
ALL_TESTS = ["-m", "not bench"]
# Each process has a PostgreSQL of its own; more of them than this gain little.
PROCESSES_MAX = 4


@dataclass
class Suite:
    """What pytest did: its exit code, and every skipped test with its reason."""

    exit_code: int
    ran: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)


def main(verb: str, arguments: list[str]) -> int:
    if verb == "check":
        if arguments:
            sys.stderr.write("./dev check takes no arguments\n")
            return 2
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            return 0 if all(print_outcomes(start_checks(pool))) else 1
    fast, everything = "--fast" in arguments, "--all" in arguments
    if fast and everything:
        sys.stderr.write("./dev test takes --fast or --all, not both\n")
        return 2
    chosen = FAST_TESTS if fast else ALL_TESTS if everything else TESTS
    passed_on = [argument for argument in arguments if argument not in ("--fast", "--all")]
    return test([*chosen, *passed_on], everything)


def test(pytest_arguments: list[str], everything: bool) -> int:
    """Run the checks one at a time beside pytest, which has the terminal to itself."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        checks = start_checks(pool)
        suite = run_pytest(pytest_arguments)
        checks_passed = all(print_outcomes(checks))
    tests_passed = suite.exit_code == 0 and not (everything and suite.skipped)
    sys.stdout.write(
        f"  {'tests':<14}{'ok' if tests_passed else 'FAILED':<8}"
        f"{suite.ran} ran, {len(suite.skipped)} skipped"
        f"{' (--all lets none be skipped)' if everything and suite.skipped else ''}\n"
    )
    for name, reason in suite.skipped:
        sys.stdout.write(f"    skipped {name}: {reason}\n")
    if suite.exit_code:
        return suite.exit_code
    return 0 if checks_passed and tests_passed else 1


def start_checks(pool: ThreadPoolExecutor) -> list[Future[Outcome]]:
    return [pool.submit(compare_versions), *(pool.submit(run_check, name) for name in COMMANDS)]


def print_outcomes(checks: list[Future[Outcome]]) -> list[bool]:
    """Wait for the checks; the details first, so that the last thing on screen is the whole."""
    outcomes = [check.result() for check in checks]
    for outcome in outcomes:
        explain(outcome)
    sys.stdout.write("\nsummary\n")
    for outcome in outcomes:
        summarise(outcome)
    return [outcome.passed for outcome in outcomes]


def run_pytest(arguments: list[str]) -> Suite:
    """Run pytest in a process of its own and read its counts from the report it leaves."""
    with tempfile.TemporaryDirectory(prefix="wharf-tests-") as folder:
        junit = Path(folder) / "junit.xml"
        processes = min(os.cpu_count() or 1, PROCESSES_MAX)
        parallel = [f"--numprocesses={processes}", "--dist=loadgroup"]
        command = [sys.executable, "-m", "pytest", f"--junitxml={junit}", *parallel, *arguments]
        process = subprocess.Popen(command, cwd=ROOT)
        # Whoever ends ./dev test wants pytest to take its servers down first.
        signal.signal(signal.SIGTERM, lambda *_: process.send_signal(signal.SIGINT))
        while True:
            try:
                suite = Suite(process.wait())
                break
            except KeyboardInterrupt:
                # The terminal has sent it to pytest as well, which is now cleaning up.
                continue
        if junit.exists():
            cases = list(ElementTree.parse(junit).iter("testcase"))  # noqa: S314 (our own report)
            suite.skipped = list(skipped_cases(cases))
            suite.ran = len(cases) - len(suite.skipped)
    return suite


def skipped_cases(cases: list[ElementTree.Element]) -> Iterator[tuple[str, str]]:
    """Name and reason of each skipped test; an expected failure did run."""
    for case in cases:
        skip = case.find("skipped")
        if skip is not None and skip.get("type") != "pytest.xfail":
            name = f"{case.get('classname', '')}.{case.get('name', '')}".strip(".")
            yield name, skip.get("message", "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

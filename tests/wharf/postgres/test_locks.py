"""The locks on which the supervisor rests."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.wharf.postgres.observing import GUARD_S
from wharf.postgres.locks import FileLock

WAITING = [sys.executable, "-c", "import sys; sys.stdin.read()"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "some.lock"


def test_many_may_share_and_one_may_have_it_alone(path: Path) -> None:
    first, second, third = FileLock(path), FileLock(path), FileLock(path)
    assert first.try_shared()
    assert second.try_shared()
    assert not third.try_exclusive()

    first.release()
    second.release()
    assert third.try_exclusive()
    assert not first.try_shared()
    third.release()


def test_a_lock_handed_to_a_child_lasts_as_long_as_the_child(path: Path) -> None:
    ours, other = FileLock(path), FileLock(path)
    assert ours.try_exclusive()
    with subprocess.Popen(WAITING, stdin=subprocess.PIPE, pass_fds=[ours.fileno()]):
        ours.leave()
        assert not other.try_exclusive()

    assert other.try_exclusive()
    other.release()


def test_a_child_that_execs_does_not_get_the_lock(path: Path) -> None:
    ours, other = FileLock(path), FileLock(path)
    assert ours.try_exclusive()
    with subprocess.Popen(WAITING, stdin=subprocess.PIPE, close_fds=False):
        ours.leave()
        # Not at once: the kernel closes the files of an exec one after the other.
        assert other.exclusive_by(time.monotonic() + GUARD_S)
        other.release()


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_has_no_lock_and_closing_there_leaves_ours_alone(path: Path) -> None:
    ours, other = FileLock(path), FileLock(path)
    assert ours.try_shared()
    child = os.fork()
    if child == 0:
        held = ours.held
        ours.release()
        os._exit(1 if held else 0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert not other.try_exclusive()

    ours.release()
    assert other.try_exclusive()
    other.release()

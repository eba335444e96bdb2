"""Why a file did not come, and what that means for the next attempt.

MediaProblem
├── Postponed     not the file's fault: wait, and don't count the attempt
└── FetchFailed   counts as an attempt; `tries_max` is after how many it is given up
"""

from collections.abc import Mapping
from typing import Any

# What will hardly be otherwise next time is tried this often; what may be, until the file expires.
DOUBTFUL_TRIES = 5

TOKEN_WAIT_S = 300.0
RATE_WAIT_S = 1_800.0
RATE_WAIT_S_MAX = 3_600.0

# The Graph API says it with status 400 as well.
# Source: Cloud API reference, "Error codes", read 2026-11-22.
_TOKEN_CODES = frozenset({0, 190})
_RATE_CODES = frozenset({4, 80007, 130429})


class MediaProblem(Exception):
    """The file did not come; `reason` is a word for it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Postponed(MediaProblem):
    """Whatever is wrong is wrong with all files: the token, or how much we ask."""

    def __init__(self, reason: str, wait_s: float) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


class FetchFailed(MediaProblem):
    """This file can't be had now; None for `tries_max` is as long as Meta keeps it."""

    def __init__(self, reason: str, tries_max: int | None = None) -> None:
        super().__init__(reason)
        self.tries_max = tries_max


def refusal(status: int, headers: Mapping[str, str], body: Mapping[str, Any]) -> MediaProblem:
    """What an answer other than 200 means; `body` is what a Graph API error says."""
    error = body.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    if status == 401 or code in _TOKEN_CODES:
        return Postponed("token-refused", TOKEN_WAIT_S)
    if status == 429 or code in _RATE_CODES:
        return Postponed("asked-too-often", _wait_s(headers.get("Retry-After")))
    if 300 <= status < 400:
        return FetchFailed("redirected", DOUBTFUL_TRIES)
    return FetchFailed(f"http-{status}", DOUBTFUL_TRIES if 400 <= status < 500 else None)


def _wait_s(retry_after: str | None) -> float:
    if retry_after is not None and retry_after.isdecimal() and len(retry_after) < 9:
        return min(max(float(retry_after), 1.0), RATE_WAIT_S_MAX)
    return RATE_WAIT_S

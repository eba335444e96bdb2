"""Scopes: what a caller may do, and which of them a user's role brings."""

from collections.abc import Iterable
from typing import Literal, get_args

ALL = "all"
SCOPES = frozenset(
    {
        "messages:read",
        "conversations:read",
        "conversations:write",
        "media:read",
        "raw:read",
        "stats:read",
        "events:read",
        "stream:read",
        "exports:create",
        "projections:admin",
        "keys:admin",
        "pii:read",
    }
)

# Those whose every answer comes from tables that tell business numbers apart.
NUMBERED_SCOPES = frozenset(
    {
        "messages:read",
        "conversations:read",
        "conversations:write",
        "media:read",
        "stats:read",
        "stream:read",
        "exports:create",
        "pii:read",
    }
)

Role = Literal["agent", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)

GRANTED: dict[Role, frozenset[str]] = {
    # The same, as it happens: the rest is for whoever looks after the service.
    "agent": NUMBERED_SCOPES,
    "admin": SCOPES,
}


def granted(scopes: Iterable[str]) -> frozenset[str]:
    """What these scopes allow; "all" means those too that a later release brings."""
    chosen = frozenset(scopes)
    return SCOPES if ALL in chosen else SCOPES & chosen

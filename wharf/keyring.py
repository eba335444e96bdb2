"""The keyring: checks keys, and for some seconds remembers those it looked up."""

from datetime import UTC, datetime

from events.database import Pool
from wharf.api_key import FIND, ApiKey, split
from wharf.primary import REMEMBERED_S, Remembering


class Keyring:
    """Looks keys up on the primary, by a pool of connections that act as wharf_write."""

    def __init__(self, pool: Pool, remembered_s: float = REMEMBERED_S) -> None:
        self._found = Remembering(pool, FIND, ApiKey, remembered_s)

    async def check(self, token: str) -> ApiKey | None:
        """The key that this token opens with; None whatever is wrong with it.

        Raises AccessUnavailable.
        """
        parts = split(token)
        if parts is None:
            return None
        id_, secret = parts
        key = await self._found.find(id_)
        return key if key is not None and key.accepts(secret, datetime.now(UTC)) else None

    def knows(self, token: str) -> bool:
        """Whether the key of this token has been good here: so its look-up is worth it."""
        parts = split(token)
        return parts is not None and self._found.knows(parts[0])

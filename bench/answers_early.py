"""The control of bench.kills: Wharf with one fault, it answers before the commit."""

import asyncio
from datetime import UTC, datetime

from wharf.cli import main
from write_side.intake import Arrival, Intake


async def store(self: Intake, body: bytes, signature: str, secret: str) -> None:
    """As Intake.store, but for the wait."""
    committed = asyncio.get_running_loop().create_future()
    committed.add_done_callback(lambda future: future.exception())
    self._waiting.append(Arrival(body, signature, secret, datetime.now(UTC), committed))
    self._arrived.set()


if __name__ == "__main__":
    Intake.store = store  # type: ignore[method-assign]
    main()

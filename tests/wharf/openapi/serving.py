"""The application behind a port, its views kept up to date."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import uvicorn

from tests.wharf.openapi.world import World, projecting
from tests.write_side.posting import GUARD_S, SECRET, TOKEN
from wharf.settings import Settings
from wharf.strangers import Strangers
from wharf.web import Secrets, create_app


@contextmanager
def serving(world: World) -> Iterator[str]:
    """Gives the origin; in a thread of this process, so that a traceback is seen.

    Nobody is limited here, whoever asks a lot and with wrong keys.
    """
    secrets = Secrets(app_secrets=(SECRET,), verify_token=TOKEN)
    with patch.object(Strangers.__init__, "__defaults__", (0,)):
        app = create_app(world.url, secrets, settings=Settings(rate_limit=0))
    config = uvicorn.Config(app, http="httptools", log_config=None, access_log=False, ws="none")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as bound, projecting(world.url):
        thread = threading.Thread(target=server.run, args=([bound],))
        thread.start()
        try:
            guard = time.monotonic() + GUARD_S
            while not server.started:
                assert thread.is_alive(), "it did not start"
                assert time.monotonic() < guard, "it did not start in time"
                time.sleep(0.01)
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()

"""The HTTP server: uvicorn, set up for a service that drains when it is told to end."""

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator, Sequence

import uvicorn
from starlette.applications import Starlette
from typing_extensions import override

DRAIN_S = 15
STUCK_S = 30


class Server(uvicorn.Server):
    """Ends by returning: uvicorn would raise the signal again, and nothing would be closed."""

    def __init__(
        self,
        config: uvicorn.Config,
        on_ready: Callable[[], None],
        on_stop: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._on_stop = on_stop

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listening in self.servers:
            for each in listening.sockets:
                give_up_on_those_who_take_nothing(each)
        self._on_ready()

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stop()
        await super().shutdown(sockets)

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        ends = (signal.SIGINT, signal.SIGTERM)
        before = {end: signal.signal(end, self.handle_exit) for end in ends}
        try:
            yield
        finally:
            for end, handler in before.items():
                signal.signal(end, handler)


def give_up_on_those_who_take_nothing(listening: socket.socket) -> None:
    """Whoever takes no byte of its answer for so long is cut off; accepted sockets inherit it."""
    if listening.family != socket.AF_UNIX and hasattr(socket, "TCP_USER_TIMEOUT"):
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STUCK_S * 1_000)


def serve(
    app: Starlette,
    port: Sequence[socket.socket],
    on_ready: Callable[[], None] = lambda: None,
    trusted_proxies: Sequence[str] = (),
) -> bool:
    """Answer until SIGINT or SIGTERM, finish what was accepted; False if it could not start.

    `port` are bound sockets; `on_ready` is called when requests are answered there. Who comes
    through one of the `trusted_proxies` is who these say that they ask for.

    httptools, not h11: a body in one-byte chunks costs a fifth. The access log is off, since it
    would print phone numbers and the verify token out of the query.
    """
    config = uvicorn.Config(
        app,
        http="httptools",
        loop="uvloop",
        ws="none",
        lifespan="on",
        access_log=False,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        log_config=None,
        timeout_graceful_shutdown=DRAIN_S,
    )
    server = Server(config, on_ready, app.state.say_goodbye)
    # It has logged why it can't start, and would end the process here, its database still open.
    with contextlib.suppress(SystemExit):
        server.run(list(port))
    return server.started

"""The port: taken before anything else begins, so that who can't have it has changed nothing."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from wharf.environment import SettingsError
from wharf.settings import Settings


@contextmanager
def taken_port(settings: Settings) -> Iterator[list[socket.socket]]:
    """Sockets that are bound and don't listen: who comes is refused until somebody listens.

    One for each address that the host has, IPv4 and IPv6. Raises SettingsError.
    """
    host, port = settings.host, settings.port
    with ExitStack() as stack:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            taken = [_bound(stack, family, address) for family, *_, address in dict.fromkeys(found)]
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            problem = f"can't be had: {host} port {port}: {why}"
            raise SettingsError("WHARF_HOST with WHARF_PORT", problem) from error
        yield taken


def _bound(stack: ExitStack, family: int, address: Any) -> socket.socket:
    taken = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
    # What a service that has just ended left behind is no reason to wait.
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        taken.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    taken.bind(address)
    return taken

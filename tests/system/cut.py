"""A way to a TCP server that can be taken away and brought back."""

import contextlib
import socket
import threading


class Cut:
    """Forwards from a port of its own; nobody listens there until it is open."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self._listening: socket.socket | None = None
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._used = False
        # Takes connections and says nothing, as a host behind a bad firewall does.
        self.silent = False
        # How often it was open and somebody came.
        self.opened = 0

    def open(self) -> None:
        self._used = False
        self._listening = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=[self._listening], daemon=True).start()

    def close(self) -> None:
        """As if the server had been killed: its connections are reset, and its port is free."""
        if self._listening is not None:
            # Closing alone does not wake the thread that waits in accept().
            with contextlib.suppress(OSError):
                self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()
            self._listening = None
        with self._lock:
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                if self.silent:
                    each.close()
            self._open.clear()

    def _accept(self, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listening.accept()
                self.opened += 0 if self._used else 1
                self._used = True
                if self.silent:
                    with self._lock:
                        self._open.append(client)
                    continue
                server = socket.create_connection(self._target)
                with self._lock:
                    self._open += [client, server]
                for source, target in ((client, server), (server, client)):
                    threading.Thread(
                        target=self._forward, args=[source, target], daemon=True
                    ).start()

    def _forward(self, source: socket.socket, target: socket.socket) -> None:
        with source, contextlib.suppress(OSError):
            while part := source.recv(65_536):
                target.sendall(part)
            target.shutdown(socket.SHUT_RDWR)

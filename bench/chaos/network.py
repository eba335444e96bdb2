"""A network between Wharf and PostgreSQL, which breaks when it is told to."""

import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Literal

NAME = ".s.PGSQL.5432"


class Network:
    """Forwards from a socket in `folder` to the one in `target`; each is a host of libpq's."""

    def __init__(self, folder: Path, target: str) -> None:
        self.folder, self._target = folder, Path(target)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        # So many times what the server says is lost, and the connection with it.
        self._answers_lost = 0
        self.lost = 0
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / NAME))
        self._listening.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        with self._lock:
            for each in self._open:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def lose_answers(self, number: int) -> None:
        with self._lock:
            self._answers_lost += number

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server, suppress(OSError):
            server.connect(str(self._target / NAME))
            with self._lock:
                self._open |= {client, server}
            back = threading.Thread(target=self._carry, args=[server, client, "answer"])
            back.start()
            self._carry(client, server, "question")
            back.join()
        with self._lock:
            self._open -= {client, server}

    def _carry(
        self, source: socket.socket, target: socket.socket, what: Literal["question", "answer"]
    ) -> None:
        with suppress(OSError):
            while part := source.recv(65_536):
                if what == "answer" and self._loses():
                    break
                target.sendall(part)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _loses(self) -> bool:
        with self._lock:
            if not self._answers_lost:
                return False
            self._answers_lost -= 1
            self.lost += 1
            return True

"""A disk of the database's own, whose power can be cut; root alone can have one.

It is an ext4 in a file. A cut is the file system's own `shutdown`, which from that instant writes
nothing any more, not even its journal: what was never flushed is gone when it is mounted again.
"""

import fcntl
import os
import signal
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.chaos.processes import eventually
from bench.kills import children
from wharf.postgres.supervisor import EmbeddedPostgres

DISK_MB = 1_500
EXT4_IOC_SHUTDOWN = 0x8004587D
NO_LOG_FLUSH = 2


class Disk:
    """The data of an embedded PostgreSQL, made before and moved onto a disk of its own."""

    def __init__(self, image: Path, postgres: Path) -> None:
        self._image, self.data = image, postgres / "data"
        with EmbeddedPostgres(postgres):
            pass
        with image.open("wb") as file:
            file.truncate(DISK_MB * 1024 * 1024)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
        made = self.data.rename(postgres / "made")
        self.data.mkdir()
        self.mount()
        subprocess.run(["cp", "-a", f"{made}/.", str(self.data)], check=True)
        self.flush()

    def mount(self) -> None:
        command = ["mount", "-o", "loop", str(self._image), str(self.data)]
        subprocess.run(command, check=True)

    def unmount(self) -> None:
        subprocess.run(["umount", str(self.data)], check=True)

    def flush(self) -> None:
        subprocess.run(["sync", "-f", str(self.data)], check=True)

    def cut_power(self) -> None:
        """Of the database's machine: its disk and all its processes, then the power is back."""
        server = int((self.data / "postmaster.pid").read_text().split("\n")[0])
        shim = parent(server)
        os.kill(shim, signal.SIGSTOP)
        try:
            self._shut_down()
            processes = [server, *children(server)]
            for pid in processes:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            eventually(lambda: not any(holds(pid) for pid in processes), "the end of the server")
            self.unmount()
            self.mount()
        finally:
            os.kill(shim, signal.SIGCONT)

    def _shut_down(self) -> None:
        opened = os.open(self.data, os.O_RDONLY)
        try:
            fcntl.ioctl(opened, EXT4_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(opened)


@contextmanager
def disk(folder: Path) -> Iterator[Disk]:
    """For the installation of `folder`, which has to end before the disk does."""
    folder.chmod(0o711)
    postgres = folder / "data" / "postgres"
    postgres.mkdir(parents=True)
    made = Disk(folder / "disk", postgres)
    try:
        yield made
    finally:
        made.unmount()


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def holds(pid: int) -> bool:
    """Whether the process lives; one that nobody has waited for yet holds nothing any more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False

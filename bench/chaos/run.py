"""One run: two web processes, two workers, a broker and a database, and what befalls them."""

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import MappingProxyType

import httpx
import psycopg
from psycopg.conninfo import conninfo_to_dict

from bench import service
from bench.chaos.account import Account, account
from bench.chaos.load import Load
from bench.chaos.network import Network
from bench.chaos.plan import Fault
from bench.chaos.processes import GUARD_S, Kept, Server, eventually, wharf
from bench.lag import lag_events
from wharf.postgres.supervisor import EmbeddedPostgres
from wharf.schema import apply_schema

# A loopback address of this process's own (Linux has millions): the ports there are nobody else's.
HOST = f"127.{1 + os.getpid() // 250 % 250}.{1 + os.getpid() % 250}.1"
PORTS = (8000, 8001)
BROKER = ("redis-server", "--bind", HOST, "--port", "6379", "--save", "", "--appendonly", "no")
CONNECT_S = 5
NONE: Mapping[str, str] = MappingProxyType({})


class Installation:
    """All of its processes, and a hand on each."""

    def __init__(
        self,
        folder: Path,
        stack: ExitStack,
        variant: str | None = None,
        settings: Mapping[str, str] = NONE,
    ) -> None:
        folder.chmod(0o711)
        postgres = folder / "data" / "postgres"
        self.url = stack.enter_context(EmbeddedPostgres(postgres, settings=settings))
        apply_schema(self.url)
        with psycopg.connect(self.url) as conn:
            # A server that commits asynchronously would lose the tables themselves.
            conn.execute("checkpoint")
        self.database = Server(postgres)
        (folder / "network").mkdir()
        self.network = Network(folder / "network", str(conninfo_to_dict(self.url)["host"]))
        stack.callback(self.network.close)
        self.broker = Kept(BROKER, os.environ, folder)
        self.webs = [self._start(folder, wharf(variant, "serve"), port) for port in PORTS]
        self.workers = [self._start(folder, wharf(None, "work"), port) for port in PORTS]
        for kept in (self.broker, *self.workers, *self.webs):
            stack.callback(kept.end)
        eventually(self.ready, "readiness")

    def _start(self, folder: Path, command: Sequence[str], port: int) -> Kept:
        reached = conninfo_to_dict(self.url)
        address = f"postgresql://{reached['user']}@/{reached['dbname']}?host={self.network.folder}"
        ours = {
            "DATABASE_URL": address,
            "WHARF_BROKER_URL": f"redis://{HOST}:6379/0",
            "WHARF_HOST": HOST,
        }
        return Kept(command, {**service.environment(folder, port), **ours}, folder)

    def befall(self, fault: Fault) -> None:
        """Do it, and undo it after its time."""
        which = int(fault.at_s * 1000) % 2
        web, worker = self.webs[which], self.workers[which]
        match fault.what:
            case "web-kill":
                web.kill()
            case "web-term":
                web.terminate()
            case "web-freeze":
                web.freeze(fault.for_s)
            case "worker-kill":
                worker.kill(fault.for_s)
            case "worker-freeze":
                worker.freeze(fault.for_s)
            case "broker-kill":
                self.broker.kill(fault.for_s)
            case "broker-freeze":
                self.broker.freeze(fault.for_s)
            case "broker-flush":
                subprocess.run(["redis-cli", "-h", HOST, "flushall"], check=False, timeout=GUARD_S)
            case "database-kill":
                self.database.kill()
            case "database-freeze":
                with self.database.frozen():
                    time.sleep(fault.for_s)
            case "database-sessions-end":
                self._ask(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where backend_type = 'client backend' and pid <> pg_backend_pid()"
                )
            case "database-lock":
                self._ask("lock table log.append_lock in exclusive mode", fault.for_s)
            case "network-cut":
                self.network.cut()
            case "network-loses-answers":
                self.network.lose_answers(5)

    def _ask(self, statement: str, for_s: float = 0.0) -> None:
        """Unless the database is away just now."""
        with (
            suppress(psycopg.OperationalError),
            psycopg.connect(self.url, connect_timeout=CONNECT_S) as conn,
        ):
            conn.execute(statement.encode())
            time.sleep(for_s)

    def ready(self) -> bool:
        try:
            return all(
                httpx.get(f"http://{HOST}:{port}/readyz", trust_env=False).status_code == 200
                for port in PORTS
            )
        except httpx.TransportError:
            return False

    def caught_up(self) -> bool:
        try:
            with psycopg.connect(self.url, connect_timeout=CONNECT_S) as conn:
                behind = conn.execute(
                    "select from read.versions"
                    " where position < (select max(position) from log.events)"
                ).fetchone()
                return behind is None and lag_events(conn) == 0
        except psycopg.OperationalError:
            return False


def suffer(installation: Installation, plan: Sequence[Fault]) -> None:
    """Each fault at its time, whether or not the one before has passed."""
    began = time.monotonic()
    threads = []
    for fault in plan:
        time.sleep(max(0.0, began + fault.at_s - time.monotonic()))
        threads.append(threading.Thread(target=installation.befall, args=[fault]))
        threads[-1].start()
    for thread in threads:
        thread.join()


def run(seed: int, plan: Sequence[Fault]) -> Account:
    """Everything that is sent is acknowledged in the end; the account of it."""
    with tempfile.TemporaryDirectory(prefix="wharf-chaos-") as name, ExitStack() as stack:
        folder = Path(name)
        variant = "loses-hints" if seed % 3 == 0 else None
        installation = Installation(folder, stack, variant)
        load = Load(seed, HOST, PORTS, repeats=seed % 2 == 0)
        load.start()
        suffer(installation, plan)
        load.end()
        eventually(installation.caught_up, "views that have caught up")
        eventually(installation.ready, "readiness")
        processes = [*installation.webs, *installation.workers, installation.broker]
        ended_badly = [each.end() for each in processes].count(False)
        return account(installation.url, load, ended_badly)

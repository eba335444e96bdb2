"""The integrator's page is true: its program keeps a copy in step, and may be killed."""

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.system.service import GUARD_S, REPOSITORY, Place, eventually
from tests.write_side.posting import delivery
from wharf.demo.sending import run_demo, signature

pytestmark = pytest.mark.slow

PAGE = REPOSITORY / "docs" / "integrating.md"


def program() -> str:
    (found,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    return str(found)


def test_the_program_is_as_short_as_the_page_says() -> None:
    lines = [line for line in program().splitlines() if line.strip()]

    assert len(lines) <= 30
    compile(program(), str(PAGE), "exec")


class Integrator:
    """Runs the program in a folder of its own."""

    def __init__(self, folder: Path, place: Place) -> None:
        self.file = folder / "copy.db"
        (folder / "keep_in_step.py").write_text(program(), encoding="utf-8")
        scopes = "conversations:read,messages:read,stream:read,pii:read"
        self.key: str = place.says("keys", "create", "--name", "copy", "--scopes", scopes)["key"]
        self._folder, self._place = folder, place

    @contextmanager
    def running(self) -> Iterator[Callable[[Callable[[], bool], str], None]]:
        """Until it is killed; gives a way to wait for something as long as it runs."""
        environ = {**self._place.environ(), "WHARF_URL": self._place.url, "WHARF_KEY": self.key}
        process = subprocess.Popen(
            [sys.executable, "keep_in_step.py"], cwd=self._folder, env=environ
        )

        def until(condition: Callable[[], bool], what: str) -> None:
            def so() -> bool:
                assert process.poll() is None, "the program has ended"
                return condition()

            eventually(so, what)

        try:
            yield until
        finally:
            process.kill()
            process.wait()

    def copied(self) -> tuple[dict[int, Any], dict[int, Any]]:
        """Conversations and messages by their ids."""
        if not self.file.exists():
            return {}, {}
        with closing(sqlite3.connect(self.file, timeout=GUARD_S)) as copy:
            tables = {row[0] for row in copy.execute("select name from sqlite_master")}
            if "place" not in tables:
                return {}, {}
            conversations = copy.execute("select id, json from conversations").fetchall()
            messages = copy.execute("select id, json from messages").fetchall()
        return {i: stable(json.loads(text)) for i, text in conversations}, {
            i: stable(json.loads(text)) for i, text in messages
        }

    def served(self) -> tuple[dict[int, Any], dict[int, Any]]:
        """The same as the service has it now, by its lists."""
        return self._all("conversations", messages=0), {
            id_: message
            for id_, message in self._all("messages").items()
            if message["conversation_id"] is not None
        }

    def _all(self, thing: str, **query: Any) -> dict[int, Any]:
        with httpx.Client(
            base_url=f"{self._place.url}/api/whatsapp/",
            headers={"X-Api-Key": self.key},
            trust_env=False,
        ) as client:
            found: dict[int, Any] = {}
            cursor: dict[str, str] | None = {}
            while cursor is not None:
                answer = client.get(f"{thing}/", params={**query, **cursor, "limit": 200})
                page = answer.raise_for_status().json()
                found |= {each["id"]: stable(each) for each in page[thing]}
                cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
        return found

    def is_in_step(self) -> bool:
        return self.copied() == self.served()


def stable(answer: dict[str, Any]) -> dict[str, Any]:
    """Without what time alone changes."""
    return {key: value for key, value in answer.items() if key != "window"}


def test_a_copy_is_in_step_after_traffic_a_kill_and_more_traffic(
    tmp_path: Path, server_place: Place
) -> None:
    secret = server_place.settings["WHATSAPP_APP_SECRET"]
    token = server_place.settings["WHATSAPP_WEBHOOK_VERIFY_TOKEN"]
    server_place.up()
    run_demo(server_place.url, secret, token, say=lambda line: None)
    integrator = Integrator(tmp_path, server_place)
    with integrator.running() as until:
        # Killed amid its work: something is there, and nobody waits for the rest.
        until(integrator.file.exists, "the copy")
    with integrator.running() as until:
        until(integrator.is_in_step, "the copy of the first day")
    assert len(integrator.copied()[1]) > 100

    run_demo(server_place.url, secret, token, say=lambda line: None, seed=2)
    with integrator.running() as until:
        until(integrator.is_in_step, "the copy of the second day")
        before = len(integrator.copied()[1])
        body = delivery("while it listens")
        headers = {"X-Hub-Signature-256": signature(secret, body)}
        httpx.post(
            f"{server_place.url}/api/whatsapp/webhook/",
            content=body,
            headers=headers,
            trust_env=False,
        )
        until(lambda: len(integrator.copied()[1]) == before + 1, "what came last")
        until(integrator.is_in_step, "the copy of what came last")

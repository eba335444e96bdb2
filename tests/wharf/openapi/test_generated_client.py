"""A client that openapi-python-client makes of the document works."""

import asyncio
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.wharf.openapi.schemas import operations
from tests.wharf.openapi.serving import serving
from tests.wharf.openapi.world import make_world

pytestmark = pytest.mark.slow

GENERATOR = str(Path(sys.executable).with_name("openapi-python-client"))
PACKAGE = "generated_wharf"


class Generated:
    """The generated package, and its client with a key of all scopes."""

    def __init__(self, url: str, token: str) -> None:
        client = importlib.import_module(PACKAGE).AuthenticatedClient
        self.client = client(base_url=url, token=token, raise_on_unexpected_status=True)

    def ask(self, name: str, *arguments: Any, **options: Any) -> Any:
        """The parsed answer of an operation: `messages.get_messages`."""
        operation = importlib.import_module(f"{PACKAGE}.api.{name}")
        return operation.sync(*arguments, client=self.client, **options)

    def model(self, name: str) -> Any:
        return getattr(importlib.import_module(f"{PACKAGE}.models"), name)


@pytest.fixture
def generated(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Generated]:
    world = asyncio.run(make_world(database))
    with serving(world) as url:
        document = tmp_path / "openapi.json"
        document.write_bytes(httpx.get(f"{url}/api/openapi.json", trust_env=False).content)
        done = subprocess.run(
            [
                *(GENERATOR, "generate", "--path", str(document), "--meta", "none"),
                *("--output-path", str(tmp_path / PACKAGE)),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert 0 == done.returncode, done.stdout + done.stderr
        for *_, operation in operations(orjson.loads(document.read_bytes())):
            assert list(tmp_path.glob(f"{PACKAGE}/api/*/{operation['operationId']}.py"))
        monkeypatch.syspath_prepend(str(tmp_path))
        # It asks a service on this machine, which no proxy knows.
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        try:
            generated = Generated(url, world.token)
            with generated.client:
                yield generated
        finally:
            for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
                del sys.modules[name]


def test_a_generated_client_lists_marks_read_and_writes_notes(generated: Generated) -> None:
    incoming = generated.model("GetMessagesDirection").IN
    listed = generated.ask("messages.get_messages", limit=5, direction=incoming)
    conversations = generated.ask("conversations.get_conversations", unread=True, messages=0)
    unread = conversations.conversations[0]

    body = generated.model("MarkRead")(conversation_id=unread.id)
    marked = generated.ask("mark_read.post_mark_read", body=body)
    after = generated.ask(
        "conversations.get_conversations_id", unread.id, min_position=marked.position
    )
    note = generated.ask(
        "conversations.post_conversations_id_notes",
        unread.id,
        body=generated.model("WriteNote")(body="Prefers e-mail."),
    )
    notes = generated.ask(
        "conversations.get_conversations_id_notes", unread.id, min_position=note.position
    )

    problem = generated.ask("conversations.get_conversations_id", 10**15)

    assert 5 == listed.count == len(listed.messages)
    assert listed.messages[0].timestamp.tzinfo is not None
    assert unread.unread_count == marked.marked > 0
    assert 0 == after.unread_count
    assert ["Prefers e-mail."] == [each.body for each in notes.notes]
    assert "not-found" == problem.code

"""What was once stored can be read for ever.

`TYPE.vN.json` beside this is the data of a stored event of that type and version. Files are
added with every new version, and never changed or removed.
"""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import Raw

from events.append import append
from events.catalogue import CATALOGUE
from events.database import connect_async
from events.dedupe import dedupe_key
from events.envelope import NewEvent, Position, RecordedEvent
from events.read import read_after
from wharf.schema import SCHEMA_VERSION, schema_sql

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
STORED = sorted(Path(__file__).parent.glob("*.json"))

# Every type and version that a release has ever stored.
EVER_STORED = {
    ("AccountUpdated", 1),
    ("AppContactChanged", 1),
    ("CallChanged", 1),
    ("CallChanged", 2),
    ("ChannelErrorReported", 1),
    ("ContactIdentityChanged", 1),
    ("ConversationAssigned", 1),
    ("ConversationMarkedUnread", 1),
    ("ConversationRead", 1),
    ("ConversationStateChanged", 1),
    ("ConversationsMerged", 1),
    ("ConversationsUnmerged", 1),
    ("ConversionDetected", 1),
    ("CustomerDetailsChanged", 1),
    ("GroupChanged", 1),
    ("HistorySyncDeclined", 1),
    ("HistorySyncProgressed", 1),
    ("ItemQuarantined", 1),
    ("ItemResolved", 1),
    ("LabelsChanged", 1),
    ("MarketingPreferenceChanged", 1),
    ("MediaFailed", 1),
    ("MediaRequested", 1),
    ("MediaStored", 1),
    ("MessageEdited", 1),
    ("MessageImported", 1),
    ("MessageReceived", 1),
    ("MessageRevoked", 1),
    ("MessageSent", 1),
    ("NoteAdded", 1),
    ("NoteDeleted", 1),
    ("NoteEdited", 1),
    ("ReactionChanged", 1),
    ("StatusChanged", 1),
    ("TemplateChanged", 1),
    ("UnrecognisedChange", 1),
    ("UserActionReported", 1),
}


def type_and_version(path: Path) -> tuple[str, int]:
    name, version = path.stem.rsplit(".v", 1)
    return name, int(version)


def test_no_event_type_was_removed_or_renamed() -> None:
    assert {name for name, _ in EVER_STORED} <= set(CATALOGUE)


def test_every_type_and_version_has_an_example() -> None:
    assert EVER_STORED == {type_and_version(path) for path in STORED}


def test_every_type_in_the_catalogue_has_an_example_of_its_latest_version() -> None:
    assert {(name, model.version) for name, model in CATALOGUE.items()} <= EVER_STORED


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_a_stored_event_of_the_latest_version_still_decodes(path: Path) -> None:
    name, version = type_and_version(path)
    model = CATALOGUE[name]
    # Older versions reach readers through the upcaster of `log.current`.
    if version == model.version:
        assert model.model_validate_json(path.read_bytes())


def test_every_type_says_what_it_means() -> None:
    assert all(model.__doc__ for model in CATALOGUE.values())


def test_a_new_version_raises_that_of_the_schema() -> None:
    """Else an older release could apply its own schema and take the upcasters away."""
    changes = sum(model.version - 1 for model in CATALOGUE.values())

    assert SCHEMA_VERSION >= 1 + changes
    assert f"insert into ops.schema_version (version) values ({SCHEMA_VERSION})" in schema_sql()


def test_every_shape_that_was_ever_stored_is_read_in_its_latest(database: str) -> None:
    """Through the log itself: what upcasts is SQL, and the catalogue says what has to come out."""

    async def run() -> list[RecordedEvent]:
        async with await connect_async(database, "wharf_write") as conn:
            await append(conn, [(None, stored(path)) for path in STORED])
            return await read_after(conn, Position(0), len(STORED))

    found = asyncio.run(run())

    assert len(STORED) == len(found)
    for event in found:
        model = CATALOGUE[event.type]
        assert model.version == event.version
        assert model.model_validate_json(json.dumps(event.data))


def stored(path: Path) -> NewEvent:
    name, version = type_and_version(path)
    return NewEvent("1/p:2", name, version, Raw(path.read_bytes()), NOON, dedupe_key(0, path.name))

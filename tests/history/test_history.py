"""What was once stored can be read for ever.

`TYPE.vN.json` beside this is the data of a stored event of that type and version. Files are
added with every new version, and never changed or removed.
"""

from pathlib import Path

import pytest

from events.catalogue import CATALOGUE

STORED = sorted(Path(__file__).parent.glob("*.json"))

# Every type and version that a release has ever stored.
EVER_STORED = {
    ("AccountUpdated", 1),
    ("AppContactChanged", 1),
    ("CallChanged", 1),
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

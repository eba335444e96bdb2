"""Every event is either told of as a change, or it is on purpose that it is not."""

from events.catalogue import CATALOGUE
from read_api.live.kinds import KINDS, TOLD, kind_of

# What no list of messages, conversations or files shows.
SILENT = {
    "AccountUpdated",
    "AppContactChanged",
    "CallChanged",
    "ChannelErrorReported",
    "ConversionDetected",
    "GroupChanged",
    "HistorySyncDeclined",
    "HistorySyncProgressed",
    "ItemQuarantined",
    "ItemResolved",
    "MarketingPreferenceChanged",
    "TemplateChanged",
    "UnrecognisedChange",
    "UserActionReported",
}


def test_every_event_type_is_told_of_or_silent_on_purpose() -> None:
    assert set(CATALOGUE) == set(TOLD) | SILENT
    assert not set(TOLD) & SILENT


def test_every_kind_of_change_is_told_by_some_event() -> None:
    told = {kind_of({"type": name, "direction": "outgoing"}) for name in TOLD}

    assert told | set(TOLD.values()) == KINDS

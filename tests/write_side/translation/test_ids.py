"""Ids end up in indexes, whose rows have a limit."""

from tests.write_side.translation.given import (
    RECEIVED_AT,
    checked,
    data_of,
    text,
    with_messages,
)
from write_side.translation.delivery import translate


def test_an_over_long_id_anywhere_is_refused_with_its_item_only() -> None:
    long = "9" * 513
    contact = [{"wa_id": "5511999990001", "user_id": long}]
    for broken in (
        text(long),
        text("wamid.x") | {"from": long},
        text("wamid.x") | {"from_user_id": long},
        text("wamid.x") | {"group_id": long},
        text("wamid.x") | {"type": long},
        text("wamid.x") | {"type": "reaction", "reaction": {"message_id": long}},
        text("wamid.x") | {"type": "image", "image": {"id": long}},
        text("wamid.x") | {"context": {"id": long}},
        text("wamid.x") | {"type": "system", "system": {"wa_id": long}},
        text("wamid." + "ü" * 300),
    ):
        stranger = text("wamid.ok") | {"from": "33600000003"}
        bad, good = checked(translate(with_messages(broken, stranger), RECEIVED_AT)).events
        assert bad.type == "ItemQuarantined", broken
        assert "longer than 512 bytes" in data_of(bad)["reason"]
        assert good.type == "MessageReceived"
    [event] = checked(
        translate(with_messages(text("wamid.x"), contacts=contact), RECEIVED_AT)
    ).events
    assert event.type == "ItemQuarantined"

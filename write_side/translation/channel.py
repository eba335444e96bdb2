"""Where items come from: their delivery and the change of it that they stand in."""

from datetime import datetime
from functools import cached_property
from hashlib import sha256

import msgspec

from write_side.translation.envelope import Metadata
from write_side.translation.identity import Contacts


class Source:
    """The delivery that is being translated."""

    def __init__(self, body: bytes, received_at: datetime) -> None:
        self.body = body
        self.received_at = received_at

    @cached_property
    def sha256(self) -> str:
        """The body's hash in hex; needed only where an item has no key of its own."""
        return sha256(self.body).hexdigest()


class Channel(msgspec.Struct):
    """The change that an item stands in. `account_id` is the entry's id, "" when it has none."""

    source: Source
    account_id: str
    entry_time: object
    field: str | None
    phone_number_id: str | None = None
    display_phone_number: str | None = None
    contacts: Contacts = {}
    # Where in an imported history the item stands.
    phase: int | None = None
    thread: str | None = None

    @property
    def stream(self) -> str:
        """The stream of what concerns the number, or the account, but no person."""
        return self.phone_number_id or f"account:{self.account_id}"

    def is_number(self, phone: str | None) -> bool:
        """Whether a phone as written in an item is the business's own, however it is spaced."""
        return bool(
            phone
            and self.display_phone_number
            and digits(phone) == digits(self.display_phone_number)
        )


def digits(phone: str) -> str:
    """A phone without what people put between its digits."""
    if phone.isdigit() and phone.isascii():
        return phone
    return "".join([letter for letter in phone if letter in "0123456789"])


def set_number(channel: Channel, metadata: Metadata) -> None:
    """Takes the business number from a change's metadata; some samples write it as a number."""
    number = metadata.phone_number_id
    if number is not None and number != "":
        channel.phone_number_id = number if type(number) is str else str(number)
    channel.display_phone_number = metadata.display_phone_number

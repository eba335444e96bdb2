"""Writes down what happens during the day: who sends what, and how our answers fare."""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from wharf.demo.cast import Customer, Number

PRICING = {
    "billable": False,
    "pricing_model": "PMP",
    "type": "free_customer_service",
    "category": "service",
}
# Seconds after sending at which a step is reached, give or take.
STEPS_AFTER_S = {"sent": 1, "delivered": 3, "read": 40, "played": 55, "failed": 4, "deleted": 300}


@dataclass(frozen=True)
class Item:
    """One thing that Meta has to tell, `at` seconds since 1970.

    `key` is the array of a `messages` change that it stands in, or None for a whole change of
    another `field`.
    """

    at: int
    number: Number
    payload: dict[str, object]
    key: str | None = "messages"
    contact: dict[str, object] | None = None
    field: str = "messages"

    @property
    def kind(self) -> str:
        """What the summary calls it."""
        if self.key == "messages":
            return f"message {self.payload['type']}"
        if self.key == "statuses":
            return f"status {self.payload['status']}"
        return self.key or f"field {self.field}"


class Script:
    """Collects the items of a day. The same seed and start give the same items."""

    def __init__(self, start: datetime, seed: int) -> None:
        self.start = start
        self.random = Random(seed)  # noqa: S311 - a day that can be told again, no secret
        self.items: list[Item] = []
        self._name = f"{seed}/{start.isoformat()}"

    def at(self, minute: float) -> int:
        return int((self.start + timedelta(minutes=minute)).timestamp())

    def message_id(self) -> str:
        """An id that no other day has, so that every demo adds to the log."""
        name = f"{self._name}/{len(self.items)}/{self.random.random()}"
        return "wamid." + base64.b64encode(hashlib.sha256(name.encode()).digest()[:24]).decode()

    def receive(
        self, minute: float, sender: Customer, number: Number, type_: str, **payload: object
    ) -> str:
        """A customer sends something; gives its message id."""
        message_id = self.message_id()
        item = {
            **sender.sender(),
            "id": message_id,
            "timestamp": str(self.at(minute)),
            "type": type_,
            **payload,
        }
        contact = None if type_ == "system" else sender.contact()
        self.items.append(Item(self.at(minute), number, item, contact=contact))
        return message_id

    def text(self, minute: float, sender: Customer, number: Number, body: str) -> str:
        return self.receive(minute, sender, number, "text", text={"body": body})

    def answer(
        self,
        minute: float,
        customer: Customer,
        number: Number,
        steps: Iterable[str] = ("sent", "delivered", "read"),
        says: str | None = None,
        **extra: object,
    ) -> str:
        """We send something. Gives its message id.

        What Meta tells about it are its statuses, and its text only where it was typed in the
        phone app: then there is an echo that `says` it.
        """
        message_id = self.message_id()
        if says is not None:
            self.echo(minute, customer, number, message_id, says)
        for step in steps:
            at = self.at(minute) + STEPS_AFTER_S.get(step, 5) + self.random.randrange(3)
            item = {
                "id": message_id,
                "status": step,
                "timestamp": str(at),
                **customer.recipient(),
                **({"pricing": PRICING} if step in ("sent", "delivered") else {}),
                **(extra if step == "failed" or "errors" not in extra else {}),
            }
            contact = None if step == "failed" else customer.contact()
            self.items.append(Item(at, number, item, "statuses", contact))
        return message_id

    def echo(
        self, minute: float, customer: Customer, number: Number, message_id: str, body: str
    ) -> None:
        """Somebody of ours has typed it on the phone."""
        recipient = {
            name.replace("recipient_id", "to").replace("recipient_user_id", "to_user_id"): value
            for name, value in customer.recipient().items()
        }
        item = {
            "from": number.display_phone_number,
            **recipient,
            "id": message_id,
            "timestamp": str(self.at(minute)),
            "type": "text",
            "text": {"body": body},
        }
        value: dict[str, object] = {
            "messaging_product": "whatsapp",
            "metadata": {
                "display_phone_number": number.display_phone_number,
                "phone_number_id": number.phone_number_id,
            },
            "contacts": [customer.contact()],
            "message_echoes": [item],
        }
        self.other(minute, number, "smb_message_echoes", value)

    def status(self, minute: float, number: Number, customer: Customer, **item: object) -> None:
        """A single status with keys of its own, as groups have them."""
        at = self.at(minute)
        status = {"timestamp": str(at), **item}
        self.items.append(Item(at, number, status, "statuses", customer.contact()))

    def other(self, minute: float, number: Number, field: str, value: dict[str, object]) -> None:
        """A change of another field than `messages`."""
        self.items.append(Item(self.at(minute), number, value, None, field=field))

    def inside(self, minute: float, number: Number, key: str, item: dict[str, object]) -> None:
        """An item in another array of a `messages` change."""
        self.items.append(Item(self.at(minute), number, item, key))

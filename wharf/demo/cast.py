"""The business numbers and customers of the made-up day.

Phone numbers are ones that regulators keep for fiction; nobody can be called by them.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Number:
    """A phone number of the business, under its account at Meta."""

    account_id: str
    phone_number_id: str
    display_phone_number: str


@dataclass(frozen=True)
class Customer:
    """A person as Meta shows them: by phone, by user id, or by both."""

    name: str
    phone: str | None = None
    user_id: str | None = None
    username: str | None = None

    def contact(self) -> dict[str, object]:
        profile = {"name": self.name} | ({"username": self.username} if self.username else {})
        contact: dict[str, object] = {"profile": profile}
        if self.phone:
            contact["wa_id"] = self.phone
        if self.user_id:
            contact["user_id"] = self.user_id
        return contact

    def sender(self) -> dict[str, object]:
        """The keys that a message from this person begins with."""
        sender: dict[str, object] = {}
        if self.phone:
            sender["from"] = self.phone
        if self.user_id:
            sender["from_user_id"] = self.user_id
        return sender

    def recipient(self) -> dict[str, object]:
        """The keys by which a status names this person."""
        recipient: dict[str, object] = {}
        if self.phone:
            recipient["recipient_id"] = self.phone
        if self.user_id:
            recipient["recipient_user_id"] = self.user_id
        return recipient


BAKERY = Number("800100000000001", "700100000000001", "442079460101")
REPAIRS = Number("800100000000002", "700100000000002", "442079460202")

ROSA = Customer("Rosa Lindqvist", "447700900101", "GB.3100200100100101")
TOMAS = Customer("Tomás Ferreira", "447700900102")
MEI = Customer("Mei 美玲", "447700900103", "GB.3100200100100103", "mei.ling")
# Whoever takes a user name may hide the phone: there is a user id and nothing else.
OYA = Customer("Oya Demir", None, "TR.3100200100100104", "oya_d")
SAM = Customer("Sam O'Neil", "447700900105")
SAM_NEW_PHONE = Customer("Sam O'Neil", "447700900155")
LENA = Customer("Léna <b>Martin</b>", "447700900106", "FR.3100200100100106")
IDRIS = Customer("Idris", "12025550107")
NOOR = Customer("نور", "12025550108", "US.3100200100100108")
EVERYBODY = (ROSA, TOMAS, MEI, OYA, SAM, LENA, IDRIS, NOOR)

NEIGHBOURS_GROUP = "GROUP-harbour-street"

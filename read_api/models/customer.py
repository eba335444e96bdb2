"""A person, or a group, on one business number."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict


class Customer(TypedDict):
    """The other face of a conversation. Not everybody has a phone number that we know."""

    id: Annotated[int | None, Field(description="The conversation's.")]
    wa_id: str | None
    phone_e164: str | None
    user_id: str | None
    username: str | None
    profile_name: str | None
    display_name: Annotated[str | None, Field(description="The best name there is.")]

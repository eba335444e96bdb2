"""A person, or a group, on one business number."""

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from read_api.models.page import Counted, Moment


class Customer(TypedDict):
    """The other face of a conversation. Not everybody has a phone number that we know."""

    id: Annotated[int | None, Field(description="The conversation's.")]
    wa_id: str | None
    phone_e164: str | None
    user_id: str | None
    username: str | None
    profile_name: str | None
    display_name: Annotated[str | None, Field(description="The best name there is.")]


class ListedCustomer(Customer):
    """A customer with what there was between us."""

    external_id: Annotated[str | None, Field(description="Theirs in another database.")]
    customer_email: str | None
    attributes: dict[str, Any]
    phone_number_id: str
    message_count: Annotated[int, Field(description="Of incoming messages.")]
    unread_count: int
    first_seen_at: Annotated[
        Moment | None, Field(description="The first message from them; null if there is none.")
    ]
    last_seen_at: Annotated[Moment | None, Field(description="The last one.")]
    last_message_at: Annotated[Moment, Field(description="From them or to them.")]


class CustomerList(Counted):
    """A page of customers."""

    customers: list[ListedCustomer]
    phone_candidates: Annotated[
        list[str] | None, Field(description="The numbers that `phone` was taken for.")
    ]


class Had(TypedDict):
    """What a customer was called, or was known by; times are null where no message had it."""

    first_seen_at: Moment | None
    last_seen_at: Moment | None


class WaId(Had):
    """A phone, as WhatsApp writes it."""

    wa_id: str


class UserId(Had):
    """A user id, which is the same for ever and may be another one day."""

    user_id: str


class ParentUserId(Had):
    """The user id within a group of businesses."""

    parent_user_id: str


class Username(Had):
    """A user name, chosen by the person."""

    username: str


class ProfileName(Had):
    """A name that the person gave themselves."""

    name: str


class CustomerMerge(TypedDict):
    """A merge that made this customer of two, or did until it was undone."""

    id: Annotated[int, Field(description="Its position, which `unmerge/` takes as `merge`.")]
    customer_id: Annotated[
        int | None, Field(description="What one of the two would be without any merges.")
    ]
    other_customer_id: int | None
    merged_at: Moment | None
    merged_by: str | None
    undone_at: Annotated[Moment | None, Field(description="Null while it holds.")]
    undone_by: str | None


class CustomerDetail(ListedCustomer):
    """A customer with everything that they were known by, in the order of time."""

    outgoing_count: int
    wa_ids: list[WaId]
    user_ids: list[UserId]
    parent_user_ids: list[ParentUserId]
    usernames: list[Username]
    profile_names: list[ProfileName]
    merges: Annotated[list[CustomerMerge], Field(description="The newest first.")]

"""What we know of a customer beside what WhatsApp says: e-mail, our name for them, and more."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, StrictBool, StrictFloat, StrictInt, model_validator
from typing_extensions import TypedDict

from events.catalogue import CustomerDetailsChanged
from events.catalogue.conversations import Attribute
from write_side.cause import Cause
from write_side.connections import Connection
from write_side.desk.changing import Changing, Conversation, Decided
from write_side.desk.texts import AttributeName, AttributeText, DisplayName, Email, ExternalId
from write_side.errors import InvalidCommand
from write_side.seen import ConversationWish

ATTRIBUTES_MAX = 100

AttributeValue = (
    AttributeText
    | StrictBool
    | Annotated[StrictInt, Field(ge=-(1 << 53), le=1 << 53)]
    | Annotated[StrictFloat, Field(allow_inf_nan=False)]
    | None
)


class SetEmail(ConversationWish):
    """The customer's address; null takes it away."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "ana@example.org"}]})

    email: Email | None


class ChangeCustomer(ConversationWish):
    """What is to change; what is not named stays, and null takes it away.

    `profile_name` is what WhatsApp says, and read-only.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"display_name": "Ana Souza", "attributes": {"plan": "gold"}}]
        }
    )

    display_name: DisplayName | None = None
    external_id: ExternalId | None = None
    customer_email: Email | None = None
    attributes: Annotated[
        dict[AttributeName, AttributeValue],
        # Else the schema would say of names that are not right that anything goes.
        Field(max_length=ATTRIBUTES_MAX, json_schema_extra={"additionalProperties": False}),
    ] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def leaves_the_profile_name_alone(cls, wish: Any) -> Any:
        if isinstance(wish, dict) and "profile_name" in wish:
            raise ValueError("profile_name is what WhatsApp says and read-only; set display_name")
        return wish


class ChangedCustomer(TypedDict):
    """The customer's details as they are now."""

    customer_id: int
    customer_email: str | None
    display_name: str | None
    external_id: str | None
    attributes: dict[str, Attribute]
    position: int


class DetailsCommand:
    """Records what is new in the wish, and nothing where all of it is known."""

    def __init__(self, changing: Changing) -> None:
        self._changing = changing

    async def __call__(
        self, id_: int, wish: SetEmail | ChangeCustomer, cause: Cause
    ) -> ChangedCustomer:
        """Raises ConversationNotFound, ConversationMoved, InvalidCommand and those of the log."""

        async def decide(found: Conversation, conn: Connection) -> Decided:
            news = _news(found, wish)
            if not news:
                return Decided(None)
            changed = CustomerDetailsChanged(
                conversation_id=found.id, streams=list(found.streams), **news
            )
            facts = (found.id, sorted(news.items()), found.said_id)
            return Decided(changed, cause.dedupe("details", *facts))

        found, changed = await self._changing(id_, decide, cause)
        after = _after(found, wish)
        return {
            "customer_id": found.id,
            "customer_email": after["email"],
            "display_name": after["display_name"],
            "external_id": after["external_id"],
            "attributes": after["attributes"],
            "position": changed.head,
        }


def _before(found: Conversation) -> dict[str, Any]:
    return {
        "email": found.customer_email,
        "display_name": found.display_name,
        "external_id": found.external_id,
    }


def _after(found: Conversation, wish: SetEmail | ChangeCustomer) -> dict[str, Any]:
    given = {
        name.removeprefix("customer_"): getattr(wish, name)
        for name in wish.model_fields_set - {"attributes", "last_seen_position"}
    }
    attributes = {**found.attributes, **getattr(wish, "attributes", {})}
    kept = {name: value for name, value in attributes.items() if value is not None}
    return {**_before(found), **given, "attributes": kept}


def _news(found: Conversation, wish: SetEmail | ChangeCustomer) -> dict[str, Any]:
    """As the event has it. An empty text takes a detail away."""
    before, after = _before(found), _after(found, wish)
    if len(after["attributes"]) > ATTRIBUTES_MAX:
        raise InvalidCommand(
            [
                {
                    "pointer": "/attributes",
                    "code": "too_long",
                    "message": f"a customer has at most {ATTRIBUTES_MAX} attributes",
                }
            ]
        )
    news: dict[str, Any] = {
        name: after[name] or "" for name in before if before[name] != after[name]
    }
    had, has = found.attributes, after["attributes"]
    # True is 1 to Python, and something else to whoever set it.
    fresh = {n: v for n, v in has.items() if n not in had or _differs(had[n], v)}
    gone = sorted(name for name in had if name not in has)
    return (
        news
        | ({"attributes": fresh} if fresh else {})
        | ({"removed_attributes": gone} if gone else {})
    )


def _differs(one: Attribute, other: Attribute) -> bool:
    return one != other or isinstance(one, bool) != isinstance(other, bool)

"""Structures that event data is made of."""

from pydantic import Field

from events.catalogue.base import Part, SentTime, Verbatim


class Media(Part):
    """A file that Meta keeps for some days.

    `sha256` is base64 in webhooks. `url` wants the access token and lives for minutes.
    """

    media_id: str | None = None
    mime_type: str | None = None
    sha256: str | None = None
    url: str | None = None
    filename: str | None = None
    voice: bool | None = None
    animated: bool | None = None


class Location(Part):
    """A place on the map, in degrees as sent (not checked for range)."""

    latitude: float | None = None
    longitude: float | None = None
    name: str | None = None
    address: str | None = None
    url: str | None = None


class Reply(Part):
    """What a person chose or filled in.

    `kind` is the interactive type verbatim (button_reply, list_reply, nfm_reply,
    call_permission_reply, …) or `button` for a template's quick reply. `response_json` is a JSON
    text, also where it was sent as an object.
    """

    kind: str | None = None
    id: str | None = None
    title: str | None = None
    description: str | None = None
    payload: str | None = None
    name: str | None = None
    body: str | None = None
    response_json: str | None = None
    response: str | None = None
    response_source: str | None = None
    expiration_timestamp: SentTime = None


class OrderItem(Part):
    """One line of an order; quantity and price as sent, number or text."""

    product_retailer_id: str | None = None
    quantity: int | float | str | None = None
    item_price: int | float | str | None = None
    currency: str | None = None


class Order(Part):
    """An order from a catalogue of the business."""

    catalog_id: str | None = None
    text: str | None = None
    product_items: list[OrderItem] | None = None


class ReferredProduct(Part):
    """The catalogue item that a message asks about."""

    catalog_id: str | None = None
    product_retailer_id: str | None = None


class Context(Part):
    """The message that this one answers (`message_id`, maybe one never seen), or forwarding."""

    message_id: str | None = None
    from_: str | None = Field(default=None, alias="from")
    forwarded: bool | None = None
    frequently_forwarded: bool | None = None
    referred_product: ReferredProduct | None = None


class Referral(Part):
    """The advertisement or post through which the person came."""

    source_url: str | None = None
    source_id: str | None = None
    source_type: str | None = None
    headline: str | None = None
    body: str | None = None
    media_type: str | None = None
    image_url: str | None = None
    video_url: str | None = None
    thumbnail_url: str | None = None
    ctwa_clid: str | None = None
    ref: str | None = None
    welcome_text: str | None = None


class MetaError(Part):
    """An error as Meta reports it; `code` is the only stable part."""

    code: int | str | None = None
    title: str | None = None
    message: str | None = None
    details: str | None = None
    href: str | None = None


class BilledConversation(Part):
    """Meta's billing window, which is not a conversation of ours; `origin` is its type."""

    id: str | None = None
    origin: str | None = None
    expiration_timestamp: SentTime = None


ContactCards = list[Verbatim]
"""Contact cards as sent: name, phones, emails, org, urls, addresses, birthday, origin."""

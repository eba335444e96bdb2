"""Messages as Meta writes them: the keys that are read, with the types they have to have.

Unknown keys are passed over; they stay in `raw`. Where public samples disagree on a type (number
or text, object or JSON text), both are taken. Source: Cloud API webhooks reference, "messages",
read May 2026, and public sample payloads.
"""

import msgspec

from write_side.translation.replies import Button, Interactive
from write_side.translation.values import NULL, Flag, Number, Time


class Text(msgspec.Struct, gc=False):
    body: str | None = None


class Media(msgspec.Struct, gc=False):
    id: str | None = None
    mime_type: str | None = None
    sha256: str | None = None
    url: str | None = None
    filename: str | None = None
    caption: str | None = None
    voice: Flag = None
    animated: Flag = None


class Location(msgspec.Struct, gc=False):
    latitude: Number = None
    longitude: Number = None
    name: str | None = None
    address: str | None = None
    url: str | None = None


class OrderItem(msgspec.Struct, gc=False, omit_defaults=True):
    product_retailer_id: str | None = None
    quantity: Number = None
    item_price: Number = None
    currency: str | None = None


class Order(msgspec.Struct, gc=False, omit_defaults=True):
    catalog_id: str | None = None
    text: str | None = None
    product_items: list[OrderItem] | None = None


class ReferredProduct(msgspec.Struct, gc=False, omit_defaults=True):
    catalog_id: str | None = None
    product_retailer_id: str | None = None


class Context(msgspec.Struct, gc=False, rename={"from_": "from"}):
    id: str | None = None
    from_: str | None = None
    forwarded: Flag = None
    frequently_forwarded: Flag = None
    referred_product: ReferredProduct | None = None


class WelcomeMessage(msgspec.Struct, gc=False):
    text: str | None = None


class Referral(msgspec.Struct, gc=False):
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
    welcome_message: WelcomeMessage | str | None = None


class ErrorData(msgspec.Struct, gc=False):
    details: str | None = None


class MetaError(msgspec.Struct, gc=False):
    code: int | str | None = None
    title: str | None = None
    message: str | None = None
    details: str | None = None
    href: str | None = None
    error_data: ErrorData | str | None = None


class Unsupported(msgspec.Struct, gc=False):
    type: str | None = None


class Reaction(msgspec.Struct, gc=False):
    message_id: str | None = None
    emoji: str | None = None


class Content(msgspec.Struct, gc=False):
    """What one message can carry, under the key that is named like its type."""

    type: str | None = None
    text: Text | None = None
    image: Media | None = None
    video: Media | None = None
    audio: Media | None = None
    voice: Media | None = None
    document: Media | None = None
    sticker: Media | None = None


class Edit(msgspec.Struct, gc=False):
    original_message_id: str | None = None
    message: Content | None = None


class Revoke(msgspec.Struct, gc=False):
    original_message_id: str | None = None


class System(msgspec.Struct, gc=False):
    type: str | None = None
    body: str | None = None
    customer: str | None = None
    wa_id: str | None = None
    new_wa_id: str | None = None
    user_id: str | None = None
    previous_user_id: str | None = None
    parent_user_id: str | None = None
    previous_parent_user_id: str | None = None


class Header(msgspec.Struct, gc=False, rename={"from_": "from"}):
    """What every message has, or may have, whatever its type."""

    id: str | None = None
    type: str | None = None
    timestamp: Time = None
    from_: str | None = None
    from_user_id: str | None = None
    from_parent_user_id: str | None = None
    group_id: str | None = None


class Message(Header, gc=False, rename={"from_": "from"}):
    """A message of any known type."""

    text: Text | None = None
    image: Media | None = None
    video: Media | None = None
    audio: Media | None = None
    voice: Media | None = None
    document: Media | None = None
    sticker: Media | None = None
    location: Location | None = None
    contacts: list[msgspec.Raw] | None = None
    interactive: Interactive | None = None
    button: Button | None = None
    order: Order | None = None
    context: Context | None = None
    referral: Referral | None = None
    errors: list[MetaError] | None = None
    unsupported: Unsupported | None = None
    reaction: Reaction | None = None
    edit: Edit | None = None
    revoke: Revoke | None = None
    system: System | None = None
    identity: msgspec.Raw = NULL

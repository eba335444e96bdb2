"""What Meta observes about advertisements and marketing messages."""

from events.catalogue.base import ChannelData, Verbatim


class UserActionReported(ChannelData):
    """Somebody did something with a marketing message; Meta does not say who.

    `action` is Meta's word: marketing_messages_link_click, or landing_page_view, which has the
    `click_id` of the click that led there. `component` is what was tapped (cta, body).

    Source: Marketing Messages API, "click webhooks", read 2026-11-22.
    """

    action: str
    click_id: str | None = None
    component: str | None = None
    tracking_token: str | None = None
    product_id: str | None = None


class ConversionDetected(ChannelData):
    """Meta takes a message in a chat that began with an advertisement for a lead or a purchase.

    `name` is Meta's word (LeadSubmitted, Purchase); `message_id` is the message it concluded from.
    `custom_data` is a purchase's {currency, value}, the value times 1,000.

    Source: Cloud API webhooks reference, "automatic_events", read 2026-11-22.
    """

    message_id: str
    name: str
    ctwa_clid: str | None = None
    custom_data: Verbatim | None = None

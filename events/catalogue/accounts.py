"""What concerns a WhatsApp Business account, its numbers and its templates, but no person."""

from events.catalogue.base import Escaped, EventData, SentTime, Verbatim
from events.catalogue.parts import MetaError


class AccountData(EventData):
    """Data of an event on an account.

    `field` is the webhook field verbatim. `account_id` is the entry's id: the account, or for
    some fields the business portfolio. `timestamp` is the entry's time.
    """

    field: str
    account_id: str | None = None
    phone_number_id: str | None = None
    display_phone_number: str | None = None
    timestamp: SentTime = None
    raw: Verbatim
    escaped: Escaped = False


class AccountUpdated(AccountData):
    """Something about the account or one of its numbers changed; `raw` has all of it.

    `event` is Meta's word, where the field has one, and `decision` that of a review.
    `shared_account_id` is the account meant where the entry is of a partner.
    """

    event: str | None = None
    decision: str | None = None
    shared_account_id: str | None = None


class TemplateChanged(AccountData):
    """A message template was judged, rated, edited or put into another category.

    `event` is the new status (APPROVED, REJECTED, PAUSED, …) where the field has one; `raw` has
    the reasons at length, and the template's new parts.
    """

    template_id: str | None = None
    name: str | None = None
    language: str | None = None
    event: str | None = None
    reason: str | None = None
    category: str | None = None
    previous_category: str | None = None
    correct_category: str | None = None
    quality: str | None = None
    previous_quality: str | None = None


class ChannelErrorReported(AccountData):
    """Meta reports an error of the system, the app or the account, and of no message.

    Source: Cloud API webhooks reference, "errors webhooks", read May 2026.
    """

    error: MetaError

"""What became of messages that the business sent."""

from events.catalogue.base import ChannelData, Verbatim
from events.catalogue.parts import BilledConversation, MetaError


class StatusChanged(ChannelData):
    """A message of ours reached a step; they come in any order, and more than once.

    `status` is Meta's word, also an unknown one. The recipient is a person (`wa_id`, `user_id`,
    either may be missing) or a group; in groups `participant` is the user id, or else the
    phone, of the member that the status speaks of. `callback_data` is the text given when
    sending.
    """

    message_id: str
    status: str
    wa_id: str | None = None
    user_id: str | None = None
    parent_user_id: str | None = None
    username: str | None = None
    profile_name: str | None = None
    group_id: str | None = None
    participant: str | None = None
    participant_wa_id: str | None = None
    participant_user_id: str | None = None
    participant_parent_user_id: str | None = None
    errors: list[MetaError] | None = None
    pricing: Verbatim | None = None
    conversation: BilledConversation | None = None
    callback_data: str | None = None

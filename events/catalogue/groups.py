"""Groups of people that the business runs."""

from events.catalogue.base import ChannelData, Part
from events.catalogue.parts import MetaError


class Participant(Part):
    """A member, or somebody who might be one; `input` is what the business had asked with."""

    wa_id: str | None = None
    user_id: str | None = None
    parent_user_id: str | None = None
    username: str | None = None
    input: str | None = None
    errors: list[MetaError] | None = None


class GroupSetting(Part):
    """What became of a wish to change one setting: `text`, or the picture's type and sha256."""

    text: str | None = None
    mime_type: str | None = None
    sha256: str | None = None
    successful: bool | None = None
    errors: list[MetaError] | None = None


class GroupChanged(ChannelData):
    """A group was made, changed, suspended or deleted, or people came, went or asked to come.

    `kind` is Meta's word (group_create, group_delete, group_settings_update, group_suspend,
    group_suspend_cleared, group_participants_add, group_participants_remove,
    group_join_request_created, group_join_request_revoked, …). Where there are `errors`, what was
    wished did not happen; a group that could not be made has no `group_id`. `participant` is who
    asked to join. `settings` are by name: subject, description, profile_picture.

    Source: Cloud API groups webhooks, read May 2026.
    """

    kind: str
    group_id: str | None = None
    request_id: str | None = None
    join_request_id: str | None = None
    subject: str | None = None
    description: str | None = None
    invite_link: str | None = None
    join_approval_mode: str | None = None
    reason: str | None = None
    initiated_by: str | None = None
    participant: Participant | None = None
    added_participants: list[Participant] | None = None
    removed_participants: list[Participant] | None = None
    failed_participants: list[Participant] | None = None
    settings: dict[str, GroupSetting] | None = None
    errors: list[MetaError] | None = None

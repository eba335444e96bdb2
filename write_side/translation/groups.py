"""Groups: their life, settings and participants.

Source: Cloud API groups webhooks, read May 2026, and public samples, which put any type of item
into any of the four fields.
"""

import msgspec

from events.envelope import NewEvent
from write_side.translation.channel import Channel
from write_side.translation.content import errors
from write_side.translation.facts import fingerprint, new_event, number_of
from write_side.translation.identity import stream_of
from write_side.translation.refusal import check_id, required_id
from write_side.translation.shapes import MetaError
from write_side.translation.values import Flag, Time, as_flag, without_nulls


class Participant(msgspec.Struct, gc=False):
    wa_id: str | int | None = None
    user_id: str | None = None
    parent_user_id: str | None = None
    username: str | None = None
    input: str | int | None = None
    errors: list[MetaError] | None = None


class Setting(msgspec.Struct, gc=False):
    text: str | None = None
    mime_type: str | None = None
    sha256: str | None = None
    update_successful: Flag = None
    errors: list[MetaError] | None = None


class Group(msgspec.Struct, gc=False):
    type: str | None = None
    timestamp: Time = None
    group_id: str | None = None
    request_id: str | None = None
    join_request_id: str | None = None
    subject: str | None = None
    description: str | None = None
    invite_link: str | None = None
    join_approval_mode: str | None = None
    reason: str | None = None
    initiated_by: str | None = None
    wa_id: str | int | None = None
    user_id: str | None = None
    parent_user_id: str | None = None
    username: str | None = None
    added_participants: list[Participant] | None = None
    removed_participants: list[Participant] | None = None
    failed_participants: list[Participant] | None = None
    group_subject: Setting | None = None
    group_description: Setting | None = None
    profile_picture: Setting | None = None
    errors: list[MetaError] | None = None


decode_group = msgspec.json.Decoder(Group).decode


def group_event(channel: Channel, raw: msgspec.Raw, pointer: str) -> NewEvent:
    """The event of an item of `groups`, of whichever field.

    One request may be answered in parts, so the key has what the item says beside the request.
    Raises msgspec.ValidationError or TranslationRefused when it can't be a group's.
    """
    group = decode_group(raw)
    phone_number_id, data = number_of(channel)
    kind = required_id("type", group.type)
    data |= without_nulls(
        kind=kind,
        group_id=group.group_id,
        request_id=group.request_id,
        join_request_id=group.join_request_id,
        subject=group.subject,
        description=group.description,
        invite_link=group.invite_link,
        join_approval_mode=group.join_approval_mode,
        reason=group.reason,
        initiated_by=group.initiated_by,
        settings=settings(group),
        errors=errors(group.errors) if group.errors else None,
    )
    applicant = participant(
        Participant(group.wa_id, group.user_id, group.parent_user_id, group.username)
    )
    if applicant:
        data["participant"] = applicant
    for name, people in (
        ("added_participants", group.added_participants),
        ("removed_participants", group.removed_participants),
        ("failed_participants", group.failed_participants),
    ):
        if people is not None:
            data[name] = [participant(person) for person in people]
    occasion = group.request_id or group.join_request_id or str(group.timestamp)
    return new_event(
        channel,
        stream_of(phone_number_id, group.group_id, None, None),
        "GroupChanged",
        data,
        raw,
        group.timestamp,
        pointer,
        ("group", phone_number_id, group.group_id or "", kind, occasion, fingerprint(raw)),
    )


def participant(person: Participant) -> dict[str, object]:
    """A participant's ids as texts; samples have phones as numbers too."""
    ids: dict[str, object] = {}
    for name in ("wa_id", "user_id", "parent_user_id", "username", "input"):
        value = getattr(person, name)
        if value is not None:
            check_id(f"participant's {name}", str(value))
            ids[name] = str(value)
    if person.errors:
        ids["errors"] = errors(person.errors)
    return ids


def settings(group: Group) -> dict[str, object] | None:
    """What became of each setting that the item speaks of, None when of none."""
    spoken_of = {
        "subject": group.group_subject,
        "description": group.group_description,
        "profile_picture": group.profile_picture,
    }
    return {
        name: without_nulls(
            text=setting.text,
            mime_type=setting.mime_type,
            sha256=setting.sha256,
            successful=as_flag(setting.update_successful),
            errors=errors(setting.errors) if setting.errors else None,
        )
        for name, setting in spoken_of.items()
        if setting is not None
    } or None

"""What a message is in an answer: the columns it is made from, and the object that they make."""

from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, LiteralString, cast
from urllib.parse import quote

import orjson
from psycopg.rows import namedtuple_row
from psycopg.sql import SQL, Composed

from read_api.models.customer import Customer
from read_api.models.message import Message, MessageError, MessageMedia, Reaction, ReplyTo
from read_api.paging import key_name
from read_api.phones import e164
from read_api.reading import Query

PREVIEW_LENGTH = 100

# A named tuple with COLUMNS: fifty dictionaries of them take longer than all that is asked of them.
Row = Any
# Where a row is in a list of messages: the columns that such a list has beside COLUMNS.
PLACE = attrgetter(key_name(0), key_name(1))

STORED = "stored"

# What is known of a person by now is more than what the one message said; a conversation of a group
# says nothing of who wrote.
COLUMNS: LiteralString = """
       m.id, m.message_id, m.phone_number_id, m.conversation_id, m.direction, m.message_type,
       m.text_body, m.caption, m.media, m.latitude, m.longitude, m.name, m.address, m.content,
       m.group_id, m."timestamp", m.received_at, m.status, m.delivery_id, m.deleted_at,
       m.error_code, m.error_title, m.error_details,
       m.context ->> 'message_id' as reply_to_message_id,
       case when m.direction = 'in' then m.customer_wa_id
            else m.display_phone_number end as from_number,
       case when m.direction = 'in' then m.customer_name end as from_name,
       m.direction = 'in' and m.received_at - m."timestamp" > interval '5 minutes' as late,
       coalesce(case when m.group_id is null then c.phone_number end, m.customer_wa_id) as wa_id,
       coalesce(case when m.group_id is null then c.user_id end, m.customer_user_id) as user_id,
       coalesce(case when m.group_id is null then c.username end,
                m.customer_username) as username,
       coalesce(case when m.group_id is null then c.contact_name end,
                m.customer_name) as profile_name,
       c.display_name,
       case when m.context ? 'message_id' then (
           select jsonb_build_array(t.id, coalesce(left(coalesce(t.text_body, t.caption), 100),
                                                   t.message_type))
             from messages t
            where t.message_id = m.context ->> 'message_id'
              and t.phone_number_id = m.phone_number_id) end as reply_to,
       (select jsonb_agg(jsonb_build_array(v.kind, v.text_body, v.caption)
                         order by v.revised_at desc, v.id desc)
          from revisions v
         where v.message_id = m.message_id and v.phone_number_id = m.phone_number_id) as revisions,
       (select jsonb_agg(jsonb_build_array(r.emoji, r.reactor = 'business',
                                           extract(epoch from r.reacted_at))
                         order by r.reacted_at, r.id)
          from reactions r
         where r.message_id = m.message_id and r.phone_number_id = m.phone_number_id
           and r.emoji is not null) as reactions,
       case when m.media is not null then (
           select f.state
             from media f
            where f.media_id = m.media ->> 'media_id'
              and f.phone_number_id = m.phone_number_id) end as media_state
"""

# Reactions and revisions are folded above, since they may come before their message or without it;
# in subqueries, since a join for each of them doubles the time that planning takes.
JOINS: LiteralString = """
  left join conversations c on c.id = m.conversation_id
"""


def messages_query(
    statement: LiteralString | SQL | Composed, values: dict[str, Any], one_plan: bool = False
) -> Query:
    """A query for rows with COLUMNS."""
    return Query(statement, values, one_plan, namedtuple_row)


def message(row: Row) -> Message:
    """The message as in a list. The seed's flat keys come first, null where they don't apply."""
    media = row.media
    text_body, caption, edited, revoked = row.text_body, row.caption, False, False
    for kind, later_text, later_caption in row.revisions or ():
        if kind != "edited":
            revoked = True
        elif not edited:
            # The latest comes first.
            edited = True
            text_body = later_text if later_text is not None else text_body
            caption = later_caption if later_caption is not None else caption
    return {
        "id": row.id,
        "message_id": row.message_id,
        "from_number": digits_of(row.from_number),
        "from_name": row.from_name,
        "message_type": row.message_type,
        "text_body": text_body,
        "timestamp": seconds(row.timestamp),
        "status": row.status,
        "media_id": media.get("media_id") if media else None,
        "media_url": media_url(media["media_id"]) if row.media_state == STORED else None,
        "caption": caption,
        "latitude": row.latitude,
        "longitude": row.longitude,
        "name": row.name,
        "address": row.address,
        "direction": row.direction,
        "conversation_id": row.conversation_id,
        "customer": customer(
            row.conversation_id,
            row.wa_id,
            row.user_id,
            row.username,
            row.profile_name,
            row.display_name,
        ),
        "phone_number_id": row.phone_number_id,
        "group_id": row.group_id,
        "received_at": milliseconds(row.received_at),
        "position": row.id,
        "media": _media(media, row.media_state) if media else None,
        "content": row.content,
        "reply_to": _reply_to(row) if row.reply_to_message_id is not None else None,
        "reactions": [_reaction(*each) for each in row.reactions or ()],
        "edited": edited,
        "deleted": revoked or row.deleted_at is not None,
        "error": _error(row) if row.error_code is not None or row.error_title is not None else None,
        "late": row.late,
    }


def media_url(media_id: str) -> str:
    """Where the file can be had from us."""
    return f"/api/whatsapp/media/{quote(media_id, safe='')}/"


def preview(answer: Message) -> str | None:
    """The first words of a message, or of what belongs to its media."""
    text = answer["text_body"] or answer["caption"] or answer["name"]
    return text[:PREVIEW_LENGTH] if text else None


# A page has a hundred times, and orjson writes one in a fifth of the time that isoformat takes.
def seconds(at: datetime) -> str:
    """As Meta sends times: whole seconds, with more digits only where there are more."""
    return orjson.dumps(at.astimezone(UTC), option=orjson.OPT_UTC_Z)[1:-1].decode()


def milliseconds(at: datetime) -> str:
    written = orjson.dumps(at.astimezone(UTC), option=orjson.OPT_UTC_Z)
    # Where there are digits behind the second there are six.
    return f"{written[1:24].decode()}Z" if at.microsecond else f"{written[1:20].decode()}.000Z"


@lru_cache(maxsize=256)
def digits_of(number: str | None) -> str | None:
    """Meta writes the business's own number with "+" and spaces at times."""
    if number is None or number.isdigit():
        return number
    return "".join(digit for digit in number if digit.isdigit()) or None


def customer(
    id_: int | None,
    wa_id: str | None,
    user_id: str | None,
    username: str | None,
    name: str | None,
    display_name: str | None = None,
) -> Customer:
    """A person (or group) on one business number; the display name is ours, or else the best
    name that WhatsApp gives."""
    phone = e164(wa_id)
    return {
        "id": id_,
        "wa_id": wa_id,
        "phone_e164": phone,
        "user_id": user_id,
        "username": username,
        "profile_name": name,
        "display_name": display_name or name or username or phone or wa_id or user_id,
    }


def _media(media: dict[str, Any], state: str | None) -> MessageMedia:
    """Without Meta's own address of the file, which wants the access token."""
    shown = {key: media[key] for key in media if key != "url"}
    # The view of the files may not have come so far yet.
    shown["state"] = None if media.get("media_id") is None else state or "pending"
    # Keys that differ from file to file are beyond the type checker.
    return cast(MessageMedia, shown)


def _reply_to(row: Row) -> ReplyTo:
    id_, preview = row.reply_to or (None, None)
    return {"message_id": row.reply_to_message_id, "id": id_, "preview": preview}


def _reaction(emoji: str, ours: bool, at: float) -> Reaction:
    return {
        "emoji": emoji,
        "by": "business" if ours else "customer",
        "at": seconds(datetime.fromtimestamp(at, UTC)),
    }


def _error(row: Row) -> MessageError:
    return {"code": row.error_code, "title": row.error_title, "details": row.error_details}

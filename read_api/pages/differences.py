"""What became of a conversation between two of its events."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

Answer = dict[str, Any]


class Difference(NamedTuple):
    """One thing that was one way and is another; `message` is whose it is, None for all of it.

    A message that was not there has `before` None and no `name`.
    """

    name: str
    before: str | None
    after: str
    message: int | None = None


def _word(name: str) -> Callable[[Answer], str]:
    return lambda one: _said(one[name])


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


OF_CONVERSATION: tuple[tuple[str, Callable[[Answer], str]], ...] = (
    ("Name", lambda one: _said(one["customer"]["display_name"])),
    ("E-mail", _word("customer_email")),
    ("External id", _word("external_id")),
    ("Unread", _word("unread_count")),
    ("Marked unread", _word("marked_unread")),
    ("Messages received", _word("message_count")),
    ("Not delivered", _word("failed_count")),
    ("State", _word("state")),
    ("Put off until", _word("snoozed_until")),
    ("Assigned to", _word("assignee")),
    ("Labels", _word("labels")),
    ("Notes", _word("notes")),
)
OF_MESSAGE: tuple[tuple[str, Callable[[Answer], str]], ...] = (
    ("Status", _word("status")),
    ("Error", lambda one: _said(one["error"] and (one["error"]["code"] or one["error"]["title"]))),
    ("Text", lambda one: _said(one["text_body"] or one["caption"])),
    ("Deleted", _word("deleted")),
    ("Reactions", lambda one: " ".join(each["emoji"] for each in one["reactions"])),
    ("File", lambda one: _said(one["media"] and one["media"]["state"])),
)


def differences(
    before: Answer | None,
    after: Answer | None,
    messages_before: Sequence[Answer],
    messages_after: Sequence[Answer],
) -> list[Difference]:
    """Of a conversation and its newest messages, as they were twice.

    What is among the newest later was among them earlier or had not come, so nothing is taken for
    new that is only old.
    """
    found = [
        Difference(name, said(before) if before else "", said(after))
        for name, said in OF_CONVERSATION
        if after and said(after) != (said(before) if before else "")
    ]
    known = {message["id"]: message for message in messages_before}
    for message in messages_after:
        earlier = known.get(message["id"])
        if earlier is None:
            text = message["text_body"] or message["caption"] or message["message_type"]
            found.append(Difference("", None, _said(text), message["id"]))
            continue
        found += [
            Difference(name, said(earlier), said(message), message["id"])
            for name, said in OF_MESSAGE
            if said(earlier) != said(message)
        ]
    return found

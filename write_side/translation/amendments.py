"""What people do to a message that is already there: react to it, edit it, take it back."""

from collections.abc import Callable

from write_side.translation.content import fill_text_and_media
from write_side.translation.refusal import required_id
from write_side.translation.shapes import Edit, Message, Reaction, Revoke


def fill_reaction(data: dict[str, object], message: Message) -> None:
    """A removed reaction comes without the key `emoji`, or with an empty one."""
    reaction = message.reaction or Reaction()
    data["target_message_id"] = required_id("reaction.message_id", reaction.message_id)
    data["emoji"] = reaction.emoji or None


def fill_edit(data: dict[str, object], message: Message) -> None:
    edit = message.edit or Edit()
    data["target_message_id"] = required_id("edit.original_message_id", edit.original_message_id)
    if edit.message is not None:
        if edit.message.type is not None:
            data["message_type"] = edit.message.type
        fill_text_and_media(data, edit.message)


def fill_revocation(data: dict[str, object], message: Message) -> None:
    revoke = message.revoke or Revoke()
    data["target_message_id"] = required_id(
        "revoke.original_message_id", revoke.original_message_id
    )


AMENDMENTS: dict[str, tuple[str, Callable[[dict[str, object], Message], None]]] = {
    "reaction": ("ReactionChanged", fill_reaction),
    "edit": ("MessageEdited", fill_edit),
    "revoke": ("MessageRevoked", fill_revocation),
}

"""What messages carry, under our own names."""

import msgspec

from write_side.translation.refusal import check_id
from write_side.translation.replies import fill_button, fill_interactive
from write_side.translation.shapes import (
    Content,
    Context,
    Location,
    Media,
    Message,
    MetaError,
    Referral,
    WelcomeMessage,
)
from write_side.translation.values import as_degrees, as_flag, as_object, without_nulls


def fill_content(data: dict[str, object], message: Message) -> None:
    """Puts everything that a message of any type carries into `data`.

    Raises TranslationRefused where a value can't be what its key says.
    """
    fill_text_and_media(data, message)
    if message.interactive is not None:
        fill_interactive(data, message.interactive)
    if message.button is not None:
        fill_button(data, message.button)
    if message.location is not None:
        data["location"] = location(message.location)
    if message.contacts is not None:
        data["contacts"] = [
            card for raw in message.contacts if (card := as_object("contacts", raw)) is not None
        ]
    if message.order is not None:
        data["order"] = msgspec.to_builtins(message.order)
    if message.context is not None and (context_data := context(message.context)):
        data["context"] = context_data
    if message.referral is not None:
        data["referral"] = referral(message.referral)
    if message.errors:
        data["errors"] = errors(message.errors)
    if message.unsupported is not None and message.unsupported.type is not None:
        data["unsupported_type"] = message.unsupported.type


def fill_text_and_media(data: dict[str, object], content: Message | Content) -> None:
    """Text, caption and file, as messages and edits have them."""
    if content.text is not None and content.text.body is not None:
        data["text"] = content.text.body
    file = (
        content.image
        or content.video
        or content.audio
        or content.document
        or content.sticker
        or content.voice
    )
    if file is not None:
        data["media"] = media(file)
        if file.caption is not None:
            data["caption"] = file.caption


def media(file: Media) -> dict[str, object]:
    if file.id is not None:
        check_id("media id", file.id)
    return without_nulls(
        media_id=file.id,
        mime_type=file.mime_type,
        sha256=file.sha256,
        url=file.url,
        filename=file.filename,
        voice=as_flag(file.voice),
        animated=as_flag(file.animated),
    )


def location(place: Location) -> dict[str, object]:
    return without_nulls(
        latitude=as_degrees(place.latitude),
        longitude=as_degrees(place.longitude),
        name=place.name,
        address=place.address,
        url=place.url,
    )


def context(context: Context) -> dict[str, object]:
    if context.id is not None:
        check_id("context.id", context.id)
    data = without_nulls(
        message_id=context.id,
        forwarded=as_flag(context.forwarded),
        frequently_forwarded=as_flag(context.frequently_forwarded),
    )
    if context.from_ is not None:
        data["from"] = context.from_
    if context.referred_product is not None:
        data["referred_product"] = msgspec.to_builtins(context.referred_product)
    return data


def referral(referral: Referral) -> dict[str, object]:
    data = without_nulls(**msgspec.structs.asdict(referral))
    welcome = data.pop("welcome_message", None)
    text = welcome.text if isinstance(welcome, WelcomeMessage) else welcome
    if text is not None:
        data["welcome_text"] = text
    return data


def errors(reported: list[MetaError]) -> list[dict[str, object]]:
    """Errors in one shape: details stand under error_data, in old payloads beside the code."""
    listed: list[dict[str, object]] = []
    for error in reported:
        more = error.error_data
        details = more if isinstance(more, str) or more is None else more.details
        listed.append(
            without_nulls(
                code=error.code,
                title=error.title,
                message=error.message,
                details=details if details is not None else error.details,
                href=error.href,
            )
        )
    return listed

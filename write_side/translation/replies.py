"""Replies by choosing: buttons, lists, forms, and permissions to call."""

import msgspec

from write_side.translation.refusal import TranslationRefused
from write_side.translation.values import NULL, Time, without_nulls


class Option(msgspec.Struct, gc=False):
    id: str | None = None
    title: str | None = None
    description: str | None = None


class FlowReply(msgspec.Struct, gc=False):
    name: str | None = None
    body: str | None = None
    response_json: msgspec.Raw = NULL


class CallPermission(msgspec.Struct, gc=False):
    response: str | None = None
    response_source: str | None = None
    expiration_timestamp: Time = None


class Interactive(msgspec.Struct, gc=False):
    type: str | None = None
    button_reply: Option | None = None
    list_reply: Option | None = None
    nfm_reply: FlowReply | None = None
    call_permission_reply: CallPermission | None = None


class Button(msgspec.Struct, gc=False):
    text: str | None = None
    payload: str | None = None


def fill_button(data: dict[str, object], button: Button) -> None:
    """The quick reply of a template."""
    data["reply"] = without_nulls(kind="button", title=button.text, payload=button.payload)
    if button.text is not None:
        data["text"] = button.text


def fill_interactive(data: dict[str, object], interactive: Interactive) -> None:
    """The option that was chosen, or the form that was filled in."""
    reply: dict[str, object] = without_nulls(kind=interactive.type)
    option = interactive.button_reply or interactive.list_reply
    if option is not None:
        reply |= without_nulls(id=option.id, title=option.title, description=option.description)
        if option.title is not None:
            data["text"] = option.title
    if (flow := interactive.nfm_reply) is not None:
        reply |= without_nulls(
            name=flow.name, body=flow.body, response_json=response_json(flow.response_json)
        )
    if (call := interactive.call_permission_reply) is not None:
        reply |= without_nulls(
            response=call.response,
            response_source=call.response_source,
            expiration_timestamp=call.expiration_timestamp,
        )
    data["reply"] = reply


def response_json(raw: msgspec.Raw) -> str | None:
    """The JSON text of a form's answer, which was sent as a text or as the object itself."""
    written = bytes(raw)
    if written[:1] == b'"':
        return msgspec.json.decode(written, type=str)
    if written[:1] in (b"{", b"["):
        return msgspec.json.encode(msgspec.json.decode(written)).decode()
    if written == b"null":
        return None
    raise TranslationRefused("nfm_reply.response_json is neither a text nor an object")

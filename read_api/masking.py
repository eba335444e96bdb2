"""Masking: what an answer says of phone numbers to those who may not know them.

It works on whole answers, so what is masked stands in one place. A wamid has the phone number in
it (base64), so it is masked too: our own ids lead to everything that a wamid does.
"""

from typing import Any

from starlette.requests import Request

SCOPE = "pii:read"
DIGITS_SHOWN = 4

NUMBERS = frozenset(
    {
        "candidates",
        "from_number",
        "participant",
        "phone_e164",
        "phone_number",
        "recipient_number",
        "wa_id",
    }
)
# A name that is missing is replaced by the number.
MAYBE_NUMBERS = frozenset({"display_name"})
# Contact cards and the like are kept as they were sent, and may hold any number.
HIDDEN = frozenset({"message_id", "content", "callback_data"})


def may_know(request: Request) -> bool:
    """Whether the caller has the scope; one whose scopes are not known does not."""
    credentials = request.scope.get("auth")
    return credentials is not None and SCOPE in credentials.scopes


def masked(value: Any) -> Any:
    """The same answer with its phone numbers reduced to their last digits."""
    if isinstance(value, list):
        return [masked(item) for item in value]
    if isinstance(value, dict):
        return {key: _field(key, item) for key, item in value.items()}
    return value


def _field(key: str, value: Any) -> Any:
    if value is None or key in HIDDEN:
        return None
    if isinstance(value, str):
        is_number = key in MAYBE_NUMBERS and value.lstrip("+").isdigit()
        return _number(value) if is_number or key in NUMBERS else value
    if isinstance(value, list) and key in NUMBERS:
        return [_field(key, item) for item in value]
    return masked(value)


def _number(number: str) -> str:
    """Nothing but dots where the last digits would be nearly all of it."""
    shown = number[-DIGITS_SHOWN:] if len(number) > 2 * DIGITS_SHOWN else ""
    return f"•••{shown}"

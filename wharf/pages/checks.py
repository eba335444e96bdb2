"""Checks: what stands between Meta and the inbox, each with what to do about it.

They are made of what was received and of what is set, never of a question to Meta.
"""

from typing import Any, Literal, NamedTuple

from wharf.access_settings import PUBLIC_URL
from wharf.settings import ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN, Settings

State = Literal["yes", "todo", "no"]

Answer = dict[str, Any]


class Check(NamedTuple):
    """`yes` is well, `todo` is not done yet, `no` went wrong; `at` is the time that is meant."""

    state: State
    title: str
    says: str
    at: str | None = None


class Received(NamedTuple):
    """What has come so far, as the API answers it; None for what has not."""

    handshakes: list[Answer]
    refused_last_day: int
    refused: Answer | None
    delivery: Answer | None
    message: Answer | None


def checks(settings: Settings, origin: str, received: Received) -> list[Check]:
    """In the order in which they are to be done."""
    return [
        _address(settings, origin),
        _secret(settings),
        _token(settings),
        _handshake(received),
        _delivery(received),
        _message(received),
        _refused(received),
        _media(settings),
    ]


def _address(settings: Settings, origin: str) -> Check:
    title = "An address that Meta can reach"
    if settings.public_url is None:
        return Check("todo", title, f"Set {PUBLIC_URL} to the https address of this service.")
    if not origin.startswith("https:"):
        return Check("no", title, f"{PUBLIC_URL} has to begin with https: Meta calls nothing else.")
    return Check("yes", title, origin)


def _secret(settings: Settings) -> Check:
    title = "The app secret is set"
    if not settings.app_secrets:
        says = f"One was made here, for trying. Set {APP_SECRET} to that of the app in the console."
        return Check("todo", title, says)
    several = len(settings.app_secrets) > 1
    return Check("yes", title, "Several are, while one replaces another." if several else "")


def _token(settings: Settings) -> Check:
    title = "The verify token is set"
    if settings.verify_token is None:
        says = (
            f"One was made here, in verify_token in the data folder. Set {VERIFY_TOKEN} to yours."
        )
        return Check("todo", title, says)
    return Check("yes", title, f"Enter in the console what {VERIFY_TOKEN} says.")


def _handshake(received: Received) -> Check:
    title = "Meta's handshake"
    good = next((each for each in received.handshakes if each["verified"]), None)
    last = next(iter(received.handshakes), None)
    if last is None:
        if received.delivery is not None:
            return Check("yes", title, "Not lately, but POSTs come.")
        return Check("todo", title, "None has come: press Verify and save in the console.")
    if good is None:
        return Check("no", title, f"The last one was refused: {last['reason']}.", last["at"])
    if good is not last:
        says = f"Accepted, but a later one was refused: {last['reason']}."
        return Check("yes", title, says, good["at"])
    return Check("yes", title, "Accepted.", good["at"])


def _delivery(received: Received) -> Check:
    title = "A POST that Meta signed"
    if received.delivery is not None:
        secret = received.delivery["signature"]["secret"]
        says = f"The last was signed with the secret {secret}."
        return Check("yes", title, says, received.delivery["received_at"])
    if any(each["verified"] for each in received.handshakes):
        return Check(
            "no",
            title,
            "The handshake was right and nothing came since: the app is not subscribed to the "
            "WhatsApp Business Account, or the field messages is not ticked.",
        )
    return Check("todo", title, "None has come.")


def _message(received: Received) -> Check:
    title = "A message"
    if received.message is not None:
        return Check("yes", title, "The newest that is here.", received.message["timestamp"])
    return Check("todo", title, "Write to the business number from a phone.")


def _refused(received: Received) -> Check:
    title = "Nothing of Meta's is refused"
    if received.refused_last_day == 0 or received.refused is None:
        return Check("yes", title, "No POST was refused in the last day.")
    count = received.refused_last_day
    says = (
        f"{count} POST{'' if count == 1 else 's'} refused in a day, the last because "
        f"{received.refused['reason']}. If they are Meta's, the app secret here is another app's."
    )
    return Check("no" if received.delivery is None else "todo", title, says, received.refused["at"])


def _media(settings: Settings) -> Check:
    title = "The access token, for files"
    if settings.access_token is None:
        return Check("todo", title, f"Without {ACCESS_TOKEN} photos and voice messages stay away.")
    return Check("yes", title, "")

"""Meta's handshake: whether whoever asks knows the verify token, and if not, what is wrong.

Source: Meta, Webhooks "Verification requests", read 2026-11. There is no signature on it.
"""

from hmac import compare_digest
from typing import NamedTuple
from urllib.parse import parse_qsl

VERIFIED = "verified"
CHALLENGE_TOO_LONG = "hub.challenge is too long"

CHALLENGE_BYTES_MAX = 4_096


class Handshake(NamedTuple):
    """`challenge` is to be echoed if `reason` is VERIFIED; a reason holds nothing from outside."""

    reason: str
    challenge: bytes = b""


def shake_hands(query_string: bytes, verify_token: bytes) -> Handshake:
    """What to make of the query of a GET to the webhook."""
    # Latin-1 there and back: parse_qsl raises for bytes that are not ASCII.
    query = query_string.decode("latin-1")
    pairs = parse_qsl(query, keep_blank_values=True, encoding="latin-1")
    given = {name: value.encode("latin-1") for name, value in pairs}
    if not pairs:
        return Handshake("no parameters at all")
    if len(given) != len(pairs):
        return Handshake("a parameter is given twice")
    for name in ("hub.mode", "hub.verify_token", "hub.challenge"):
        if name not in given:
            return Handshake(f"{name} is missing")
    if given["hub.mode"] != b"subscribe":
        return Handshake("hub.mode is not subscribe")
    if not compare_digest(given["hub.verify_token"], verify_token):
        return Handshake("hub.verify_token is not the one that is set here")
    if len(given["hub.challenge"]) > CHALLENGE_BYTES_MAX:
        return Handshake(CHALLENGE_TOO_LONG)
    return Handshake(VERIFIED, given["hub.challenge"])

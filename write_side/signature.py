"""The signature of a webhook: HMAC-SHA256 with the app secret over the exact bytes.

Source: Meta, Webhooks "Validating payloads" (X-Hub-Signature-256), read 2026-11.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import NamedTuple

# Anything else is refused without a look at the secrets, so that nothing odd reaches the
# comparison: it raises for text that is not ASCII.
_FORM = re.compile(rb"sha256=([0-9a-f]{64})")


class AppSecret(NamedTuple):
    """A secret and a name for it that can be shown and stored."""

    key: bytes
    fingerprint: str


def app_secrets(values: Sequence[str]) -> tuple[AppSecret, ...]:
    """Several are valid at once while one replaces another."""
    return tuple(
        AppSecret(value.encode(), hashlib.sha256(value.encode()).hexdigest()[:8])
        for value in values
    )


def signer(secrets: Sequence[AppSecret], body: bytes, signature: bytes) -> AppSecret | None:
    """The secret that `body` was signed with, or None when the signature is not right."""
    form = _FORM.fullmatch(signature)
    if form is None:
        return None
    given = bytes.fromhex(form[1].decode())
    found = None
    for secret in secrets:
        if hmac.compare_digest(hmac.digest(secret.key, body, "sha256"), given):
            found = secret
    return found


def why_not(signatures: Sequence[bytes]) -> str:
    """Why nobody signed: said to the operator, never to the sender, and without the signature."""
    if not signatures:
        return "there is no X-Hub-Signature-256"
    if len(signatures) > 1:
        return "there are several X-Hub-Signature-256"
    if _FORM.fullmatch(signatures[0]) is None:
        return "the signature is not sha256= and 64 lower-case hex digits"
    return "no secret that is set here signs these bytes so"


def sign(secret: str, body: bytes) -> str:
    """The header value with which Meta would send `body`."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()

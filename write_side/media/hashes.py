"""A SHA-256 as Meta writes it: base64 in message webhooks, hex in the Graph API."""

import base64
import binascii
import re

_HEX = re.compile(r"[0-9a-fA-F]{64}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{43}=?")


def hex_digest(written: object) -> str | None:
    """The hash in lower-case hex, or None where this is no SHA-256."""
    if not isinstance(written, str):
        return None
    text = written.strip()
    if _HEX.fullmatch(text):
        return text.lower()
    if not _BASE64.fullmatch(text):
        return None
    standard = text.rstrip("=").replace("-", "+").replace("_", "/") + "="
    try:
        return base64.b64decode(standard, validate=True).hex()
    except binascii.Error:
        return None

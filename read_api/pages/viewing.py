"""What the viewer can show of a file, and how."""

from collections.abc import Mapping
from typing import Any

# Sent as a document and yet something that browsers show.
SHOWN_DOCUMENTS = frozenset(
    {"image/jpeg", "image/png", "image/gif", "image/webp", "audio/mpeg", "audio/ogg", "video/mp4"}
)


def view_of(message: Mapping[str, Any]) -> str | None:
    """How the viewer shows the message's file; None for what can only be downloaded.

    It goes by what was claimed. Whether the file is that, the server looks at when it serves it,
    and what isn't is a picture that does not appear.
    """
    kind = message["message_type"]
    if kind in ("image", "sticker"):
        return "image"
    if kind in ("audio", "video"):
        return str(kind)
    claimed = str((message["media"] or {}).get("mime_type", "")).partition(";")[0].strip().lower()
    if claimed == "application/pdf":
        return "pdf"
    family = claimed.partition("/")[0]
    return family if claimed in SHOWN_DOCUMENTS else None

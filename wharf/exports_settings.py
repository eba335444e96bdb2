"""What may be set about exports."""

import re

from wharf.environment import SettingsError

EXPORTS_BYTES_MAX = "WHARF_EXPORTS_BYTES_MAX"
DEFAULT_EXPORTS_BYTES_MAX = 10 * 1024**3


def parse_exports_bytes_max(text: str) -> int:
    """Of all files together."""
    if not re.fullmatch(r"[1-9][0-9]{0,14}", text):
        raise SettingsError(EXPORTS_BYTES_MAX, "is not a number of bytes")
    return int(text)

"""Settings of who comes in: under which address, through whom, and how often."""

import ipaddress
from urllib.parse import urlsplit

from wharf.environment import SettingsError

PUBLIC_URL = "WHARF_PUBLIC_URL"
TRUSTED_PROXIES = "WHARF_TRUSTED_PROXIES"
RATE_LIMIT = "WHARF_RATE_LIMIT"

# Fifty a second: ten thousand pages of two hundred rows in three and a half minutes, by a client
# that leaves the process nine tenths of its time for others.
DEFAULT_RATE_LIMIT = 3_000


def parse_public_url(text: str | None) -> str | None:
    """An origin as browsers write it: scheme and host in lower case, no path, no default port."""
    if not text:
        return None
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise SettingsError(PUBLIC_URL, "is not a URL") from None
    plain = f"{parts.scheme}://{parts.netloc}".lower()
    if not host or parts.scheme not in ("http", "https") or text.lower().rstrip("/") != plain:
        raise SettingsError(PUBLIC_URL, "is not http:// or https:// and a host, with nothing after")
    if "@" in parts.netloc:
        raise SettingsError(PUBLIC_URL, "has a user or a password in it")
    default = {"http": 80, "https": 443}[parts.scheme]
    return plain.removesuffix(f":{port}") if port == default else plain


def parse_trusted_proxies(text: str) -> tuple[str, ...]:
    """Addresses and networks of proxies that say truly for whom they ask."""
    try:
        return tuple(str(ipaddress.ip_network(part.strip())) for part in text.split(",") if text)
    except ValueError:
        problem = "is not a list of addresses or networks (10.0.0.0/8) with commas between them"
        raise SettingsError(TRUSTED_PROXIES, problem) from None


def parse_rate_limit(text: str) -> int:
    """Requests a minute; 0 for no limit."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise SettingsError(RATE_LIMIT, "is not a number of requests a minute, or 0 for no limit")
    return int(text)

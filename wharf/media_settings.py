"""Settings of the Graph API and of the files that come from it."""

import re
from urllib.parse import urlsplit

import httpx

from wharf.environment import SettingsError
from write_side.media.addresses import Addresses

GRAPH_URL = "WHATSAPP_GRAPH_URL"
GRAPH_VERSION = "WHATSAPP_GRAPH_VERSION"
MEDIA_HOSTS = "WHARF_MEDIA_HOSTS"
MEDIA_BYTES_MAX = "WHARF_MEDIA_BYTES_MAX"
MEDIA_STORE = "WHARF_MEDIA_STORE"

DEFAULT_GRAPH_URL = "https://graph.facebook.com"
DEFAULT_GRAPH_VERSION = "v24.0"
# Meta takes documents of up to 100 MB.
DEFAULT_MEDIA_BYTES_MAX = 100 * 1024 * 1024

# Names only: the last label of an address would begin with a digit.
_LABEL = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z)({_LABEL}\.)+[a-z]([a-z0-9-]*[a-z0-9])?")


def parse_graph_url(text: str) -> str:
    """https, or http on loopback: the access token goes there."""
    try:
        urlsplit(text)
        url = httpx.URL(text)
        Addresses(text, DEFAULT_GRAPH_VERSION)
    except (ValueError, httpx.InvalidURL):
        raise SettingsError(GRAPH_URL, "is not an https:// URL, nor http:// on loopback") from None
    if url.query or url.fragment:
        raise SettingsError(GRAPH_URL, "has a query or a fragment")
    return text


def parse_graph_version(text: str) -> str:
    if not re.fullmatch(r"v[0-9]{1,3}\.[0-9]{1,2}", text):
        raise SettingsError(GRAPH_VERSION, f"is not a version such as {DEFAULT_GRAPH_VERSION}")
    return text


def parse_media_hosts(text: str) -> tuple[str, ...]:
    """Names of hosts that may have the access token besides Meta's; no patterns, no ports."""
    hosts = tuple(part.strip().lower() for part in text.split(",")) if text else ()
    if not all(_HOST.fullmatch(host) for host in hosts):
        raise SettingsError(MEDIA_HOSTS, "is not a list of host names with commas between them")
    return hosts


def parse_bytes_max(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,11}", text):
        raise SettingsError(MEDIA_BYTES_MAX, "is not a number of bytes")
    return int(text)


def parse_media_store(text: str) -> str | None:
    """A bucket, s3://NAME or s3://NAME/PREFIX; None for the folder."""
    if not text:
        return None
    if not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w.=/-]*)?", text, re.ASCII):
        raise SettingsError(MEDIA_STORE, "is not a bucket as s3://name/prefix")
    return text

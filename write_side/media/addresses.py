"""Which addresses the access token may be sent to: exact hosts over TLS, and no others."""

import ipaddress
import re
from collections.abc import Iterable

import httpx

META_HOSTS = ("graph.facebook.com", "lookaside.fbsbx.com")

# What may stand in a path; whatever else a payload calls a media id is never sent anywhere.
MEDIA_ID = re.compile(r"[0-9]{1,64}")

Origin = tuple[str, str, int]

_PORTS = {"https": 443, "http": 80}


def is_loopback(host: str) -> bool:
    """Only addresses and the one name that can't be made to mean another machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Addresses:
    """The Graph API at `base`, and whose files may be fetched with the token.

    `base` is https, or http on loopback (a scripted Graph API for tests); `hosts` are further
    hosts over https on the usual port. Names are compared whole: no suffixes, no patterns.
    """

    def __init__(self, base: str, version: str, hosts: Iterable[str] = ()) -> None:
        self._base = httpx.URL(base)
        self._version = version
        own = _origin(self._base)
        self.local = is_loopback(self._base.host)
        if own is None or (own[0] != "https" and not self.local):
            raise ValueError("the Graph API is reached over https, or on loopback")
        self._allowed = {own, *(("https", host, 443) for host in (*META_HOSTS, *hosts))}

    def lookup(self, media_id: str) -> httpx.URL | None:
        """Where the Graph API tells of a file; None for an id that is none of Meta's."""
        if not MEDIA_ID.fullmatch(media_id):
            return None
        path = f"{self._base.path.rstrip('/')}/{self._version}/{media_id}"
        return self._base.copy_with(path=path, query=None)

    def checked(self, url: object) -> httpx.URL | None:
        """The address, parsed as the client that connects will, or None if it is not allowed."""
        if not isinstance(url, str) or not url.isascii() or not url.isprintable() or "\\" in url:
            return None
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL:
            return None
        return parsed if _origin(parsed) in self._allowed else None


def _origin(url: httpx.URL) -> Origin | None:
    if url.userinfo or url.scheme not in _PORTS or not url.host:
        return None
    return url.scheme, url.host, url.port or _PORTS[url.scheme]

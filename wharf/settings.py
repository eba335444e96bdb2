"""What an operator may set, checked before anything starts."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from wharf.access_settings import (
    DEFAULT_RATE_LIMIT,
    PUBLIC_URL,
    RATE_LIMIT,
    TRUSTED_PROXIES,
    parse_public_url,
    parse_rate_limit,
    parse_trusted_proxies,
)
from wharf.environment import SettingsError, closest, gather, read_env_file
from wharf.exports_settings import (
    DEFAULT_EXPORTS_BYTES_MAX,
    EXPORTS_BYTES_MAX,
    parse_exports_bytes_max,
)
from wharf.logs import Format
from wharf.media_settings import (
    DEFAULT_GRAPH_URL,
    DEFAULT_GRAPH_VERSION,
    DEFAULT_MEDIA_BYTES_MAX,
    GRAPH_URL,
    GRAPH_VERSION,
    MEDIA_BYTES_MAX,
    MEDIA_HOSTS,
    MEDIA_STORE,
    parse_bytes_max,
    parse_graph_url,
    parse_graph_version,
    parse_media_hosts,
    parse_media_store,
)
from wharf.pooler_settings import POOLER_URL, parse_pooler_url

__all__ = ["Settings", "SettingsError", "load_settings"]

APP_SECRET = "WHATSAPP_APP_SECRET"  # noqa: S105 (a name, as are the next two)
VERIFY_TOKEN = "WHATSAPP_WEBHOOK_VERIFY_TOKEN"  # noqa: S105
ACCESS_TOKEN = "WHATSAPP_ACCESS_TOKEN"  # noqa: S105
DATABASE_URL = "DATABASE_URL"
DATA_DIR = "WHARF_DATA_DIR"
HOST = "WHARF_HOST"
PORT = "WHARF_PORT"
BROKER_URL = "WHARF_BROKER_URL"
LOG_FORMAT = "WHARF_LOG_FORMAT"

NAMES = frozenset(
    {
        APP_SECRET,
        VERIFY_TOKEN,
        ACCESS_TOKEN,
        DATABASE_URL,
        POOLER_URL,
        DATA_DIR,
        HOST,
        PORT,
        BROKER_URL,
        LOG_FORMAT,
        PUBLIC_URL,
        TRUSTED_PROXIES,
        RATE_LIMIT,
        GRAPH_URL,
        GRAPH_VERSION,
        MEDIA_HOSTS,
        MEDIA_BYTES_MAX,
        MEDIA_STORE,
        EXPORTS_BYTES_MAX,
    }
)
PREFIXES = ("WHARF_", "WHATSAPP_")
# Whatever can hold a password may come from a file, as container secrets do.
FROM_FILE = frozenset(
    {APP_SECRET, VERIFY_TOKEN, ACCESS_TOKEN, DATABASE_URL, POOLER_URL, BROKER_URL}
)

DATABASE_SCHEMES = ("postgresql", "postgres")
BROKER_SCHEMES = ("stub", "amqp", "amqps", "redis", "rediss")
SECRET_CHARACTERS_MIN = 16
# Long enough to pass for secrets, and printed in every tutorial. Compared without punctuation.
WELL_KNOWN = ("changeme", "changethis", "replaceme", "placeholder", "example", "password")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Checked settings; whatever can hold a password stays out of the repr.

    `app_secrets` has more than one member while a secret is being rotated, and none when the
    operator gave none: see wharf.secrets for what happens then.
    """

    app_secrets: tuple[str, ...] = field(default=(), repr=False)
    verify_token: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)
    database_url: str | None = field(default=None, repr=False)
    pooler_url: str | None = field(default=None, repr=False)
    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = 8000
    broker_url: str = field(default="stub://", repr=False)
    public_url: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    rate_limit: int = DEFAULT_RATE_LIMIT
    graph_url: str = DEFAULT_GRAPH_URL
    graph_version: str = DEFAULT_GRAPH_VERSION
    media_hosts: tuple[str, ...] = ()
    media_bytes_max: int = DEFAULT_MEDIA_BYTES_MAX
    media_store: str | None = None
    log_format: Format = "text"
    exports_bytes_max: int = DEFAULT_EXPORTS_BYTES_MAX


def load_settings(environ: Mapping[str, str], env_file: Path | None) -> Settings:
    """Settings from `environ`, which beats those of `env_file` name by name, if there is one.

    Raises SettingsError for a setting that can't be used: it names the variable and what is
    wrong with it, never its value. An empty text counts as not set, except for a secret:
    whoever wrote `NAME=` expected something to be there.
    """
    values = gather(environ, env_file, names=NAMES, from_file=FROM_FILE)
    return Settings(
        app_secrets=parse_app_secrets(values.get(APP_SECRET)),
        verify_token=parse_secret(VERIFY_TOKEN, values.get(VERIFY_TOKEN)),
        access_token=parse_secret(ACCESS_TOKEN, values.get(ACCESS_TOKEN)),
        database_url=parse_url(DATABASE_URL, values.get(DATABASE_URL), DATABASE_SCHEMES),
        pooler_url=parse_pooler_url(values.get(POOLER_URL), values.get(DATABASE_URL)),
        data_dir=Path(values.get(DATA_DIR) or "data").expanduser(),
        host=parse_host(values.get(HOST) or "127.0.0.1"),
        port=parse_port(values.get(PORT) or "8000"),
        broker_url=parse_url(BROKER_URL, values.get(BROKER_URL), BROKER_SCHEMES) or "stub://",
        public_url=parse_public_url(values.get(PUBLIC_URL)),
        trusted_proxies=parse_trusted_proxies(values.get(TRUSTED_PROXIES) or ""),
        rate_limit=parse_rate_limit(values.get(RATE_LIMIT) or str(DEFAULT_RATE_LIMIT)),
        graph_url=parse_graph_url(values.get(GRAPH_URL) or DEFAULT_GRAPH_URL),
        graph_version=parse_graph_version(values.get(GRAPH_VERSION) or DEFAULT_GRAPH_VERSION),
        media_hosts=parse_media_hosts(values.get(MEDIA_HOSTS) or ""),
        media_bytes_max=parse_bytes_max(
            values.get(MEDIA_BYTES_MAX) or str(DEFAULT_MEDIA_BYTES_MAX)
        ),
        media_store=parse_media_store(values.get(MEDIA_STORE) or ""),
        log_format=parse_log_format(values.get(LOG_FORMAT) or "text"),
        exports_bytes_max=parse_exports_bytes_max(
            values.get(EXPORTS_BYTES_MAX) or str(DEFAULT_EXPORTS_BYTES_MAX)
        ),
    )


def misspelt(environ: Mapping[str, str], env_file: Path | None) -> dict[str, str | None]:
    """Names that look like a setting of ours and are none, each with the one it may have meant."""
    given = {*environ, *(read_env_file(env_file) if env_file else ())}
    spellings = NAMES | {f"{name}_FILE" for name in FROM_FILE}
    unknown = sorted(name for name in given - spellings if name.upper().startswith(PREFIXES))
    return {name: closest(name.upper(), spellings) for name in unknown}


def parse_app_secrets(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 1 and not all(parts):
        raise SettingsError(APP_SECRET, "has an empty secret between its commas")
    return tuple(check_secret(APP_SECRET, part) for part in parts)


def parse_secret(name: str, text: str | None) -> str | None:
    return None if text is None else check_secret(name, text)


def check_secret(name: str, secret: str) -> str:
    """The secret itself; SettingsError when a stranger could guess it or it was cut or wrapped."""
    plain = "".join(character for character in secret.casefold() if character.isalnum())
    if not secret:
        raise SettingsError(name, "is set but empty; remove it or give it a value")
    if secret[0] in "'\"" or secret[-1] in "'\"":
        raise SettingsError(name, "is wrapped in quotation marks, which would be part of it")
    if not secret.isprintable() or " " in secret:
        raise SettingsError(name, "has a space or a line break in it")
    if plain.startswith("your") or any(word in plain for word in WELL_KNOWN):
        raise SettingsError(name, "is a well-known default, not a secret")
    if len(secret) < SECRET_CHARACTERS_MIN:
        raise SettingsError(name, f"is shorter than {SECRET_CHARACTERS_MIN} characters")
    if len(set(secret)) < 5:
        raise SettingsError(name, "repeats a few characters, so it is no secret")
    return secret


def parse_host(text: str) -> str:
    """An address or a host name, without port and brackets."""
    host = text.removeprefix("[").removesuffix("]")
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        if not host or set(host) & set(":/@ ") or not host.isprintable():
            raise SettingsError(HOST, "is not a host name or an IP address") from None
        return host


def parse_port(text: str) -> int:
    # int() would also take "80_00", "+8000" and digits of other scripts.
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535):
        raise SettingsError(PORT, "is not a port, a number from 1 to 65535")
    return int(text)


def parse_log_format(text: str) -> Format:
    if text not in ("text", "json"):
        raise SettingsError(LOG_FORMAT, "is neither text nor json")
    return "json" if text == "json" else "text"


def parse_url(name: str, text: str | None, schemes: tuple[str, ...]) -> str | None:
    """The URL as given, since a list of database hosts is more than urlsplit understands."""
    if not text:
        return None
    try:
        scheme = urlsplit(text).scheme
    except ValueError:
        raise SettingsError(name, "is not a URL") from None
    if scheme not in schemes or "://" not in text:
        expected = ", ".join(f"{scheme}://" for scheme in schemes)
        raise SettingsError(name, f"does not begin with one of {expected}")
    return text

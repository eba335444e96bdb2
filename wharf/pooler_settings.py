"""The setting of a pooler: where the web side's many short transactions go."""

import psycopg
from psycopg.conninfo import conninfo_to_dict

from wharf.environment import SettingsError

POOLER_URL = "WHARF_POOLER_URL"

_SCHEMES = ("postgresql://", "postgres://")


def parse_pooler_url(text: str | None, database_url: str | None) -> str | None:
    """The URL as given. It names no user: Wharf signs in as its own roles.

    `database_url` has to be set beside it: rebuilds, projectors and the schema need sessions.
    """
    if not text:
        return None
    if not text.startswith(_SCHEMES):
        raise SettingsError(POOLER_URL, f"does not begin with one of {', '.join(_SCHEMES)}")
    try:
        given = conninfo_to_dict(text)
    except psycopg.ProgrammingError:
        raise SettingsError(POOLER_URL, "is not a URL") from None
    if "user" in given:
        raise SettingsError(
            POOLER_URL, "names a user; Wharf signs in as wharf_write, wharf_read and wharf_project"
        )
    if "options" in given:
        raise SettingsError(POOLER_URL, "has options, which a pooler refuses")
    if not database_url:
        raise SettingsError(POOLER_URL, "needs DATABASE_URL beside it, which goes past the pooler")
    return text

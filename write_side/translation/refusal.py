"""Why an item or a delivery can't be translated, and the limits behind it."""

# An index row of PostgreSQL ends near 2,700 bytes, and read tables index these texts in twos
# and threes. Meta's longest id is far below.
ID_BYTES_MAX = 512

# Meta puts at most 1,000 updates into a POST (Cloud API overview, read 2026-04-21). A body of
# 3 MiB could hold a million of two bytes, and making events of those takes a quarter of a minute.
ITEMS_MAX = 50_000


class TooManyItems(Exception):
    """The delivery holds more items than any delivery of Meta's."""


class TranslationRefused(ValueError):
    """The item is no item of its kind; the text says why, without quoting what was written."""


def check_id(name: str, value: str) -> None:
    """Refuses a text that is to be indexed and is longer than Meta's ids ever are.

    Raises TranslationRefused.
    """
    if len(value) > ID_BYTES_MAX or (
        not value.isascii() and len(value.encode("utf-8", "replace")) > ID_BYTES_MAX
    ):
        raise TranslationRefused(f"{name} is longer than {ID_BYTES_MAX} bytes")


def required_id(name: str, value: str | None) -> str:
    """The id itself. Raises TranslationRefused when it is missing, empty or over-long."""
    if not value:
        raise TranslationRefused(f"{name} is missing")
    if len(value) > ID_BYTES_MAX or not value.isascii():
        check_id(name, value)
    return value

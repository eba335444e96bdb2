"""Words: what a search looks for, out of what somebody has typed."""

import re
from collections.abc import Iterable

from read_api.errors import InvalidParameter
from read_api.parser import parser

MODES = ("all", "substring")
LENGTH_MAX = 200
WORDS_MAX = 8

# The signs that people write between the digits of a number; the texts have them once without.
_NUMBER = re.compile(r"[+(]*[0-9]([0-9 ().+/-]*[0-9])?")
_PRINTABLE = r"[^\x00-\x1f\x7f-\x9f]*"
_PIECE = re.compile(r'"([^"]*)"?|([^\s"]+)')
# Digits that are told apart by spaces are one number if there are as many as a number has.
_NUMBER_DIGITS_MIN = 7
# An index of trigrams helps to find three letters or digits in a row.
_INDEXED = re.compile(r"[^\W_]{3}")


@parser(type="string", minLength=1, maxLength=LENGTH_MAX, pattern=rf"^{_PRINTABLE}$")
def query(name: str, text: str) -> str:
    """Words that all have to be found, "phrases" in quotes; case and accents do not count."""
    if len(text) > LENGTH_MAX or not re.fullmatch(_PRINTABLE, text):
        raise InvalidParameter(name, f"has to be at most {LENGTH_MAX} printable characters")
    found = words(text, "all")
    if not found:
        raise InvalidParameter(name, "has to have a word to look for")
    if len(found) > WORDS_MAX:
        raise InvalidParameter(name, f"has more than {WORDS_MAX} words; put phrases in quotes")
    return text


def words(text: str, mode: str) -> list[str]:
    """Each has to be found, anywhere in a text; by `substring` the whole is one of them.

    Of a number the digits count, however it is written.
    """
    digits = _digits(text)
    if digits is not None and len(digits) >= _NUMBER_DIGITS_MIN:
        return [digits]
    if mode == "substring":
        pieces = [" ".join(text.split())]
    else:
        pieces = [" ".join((quoted or bare).split()) for quoted, bare in _PIECE.findall(text)]
    return [_digits(piece) or piece for piece in dict.fromkeys(pieces) if piece]


def indexed(found: Iterable[str]) -> bool:
    """Whether an index of trigrams knows anything of one of the words at least."""
    return any(_INDEXED.search(word) for word in found)


def _digits(text: str) -> str | None:
    """The digits, if there is nothing but a number."""
    stripped = text.strip()
    return re.sub("[^0-9]", "", stripped) if _NUMBER.fullmatch(stripped) else None

"""Phone numbers as people type them, and the ways in which WhatsApp may write the same number."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from read_api.errors import InvalidParameter
from read_api.parser import parser

MATCHES = ("variants", "exact", "suffix")
SUFFIX_DIGITS_MIN = 4
# E.164 has 15 at most; WhatsApp's test numbers and long extensions go a little beyond.
DIGITS_MAX = 20


class Phone(NamedTuple):
    """What to look for: the digits as given, and which numbers count as the same."""

    digits: str
    match: str

    @property
    def candidates(self) -> list[str]:
        """What is looked up, the given number first."""
        return variants(self.digits) if self.match == "variants" else [self.digits]


# An unencoded "+" arrives as a leading space, which therefore is none of an error.
WRITTEN = rf"^[+ ]?([ \-.()]*[0-9]){{1,{DIGITS_MAX}}}[ \-.()]*$"


@parser(type="string", pattern=WRITTEN, examples=["+5511987654321"])
def digits(name: str, text: str) -> str:
    """A phone number, with or without "+", spaces, hyphens, dots and brackets."""
    found = re.sub(r"^[+ ]|[ \-.()]", "", text)
    if not re.fullmatch(rf"[0-9]{{1,{DIGITS_MAX}}}", found):
        raise InvalidParameter(name, "has to be a phone number in international form")
    return found


def from_values(values: Mapping[str, Any], may_know: bool) -> Phone | None:
    """From the parameters phone and phone_match.

    Raises InvalidParameter for a suffix that would match half of the world, for phone_match
    without a phone, and for a suffix from somebody who may not know phone numbers: asking for
    one more digit each time would tell them all.
    """
    if "phone" not in values:
        if "phone_match" in values:
            raise InvalidParameter("phone_match", "says how to compare phone, which is missing")
        return None
    phone = Phone(values["phone"], values.get("phone_match", "variants"))
    if phone.match == "suffix" and len(phone.digits) < SUFFIX_DIGITS_MIN:
        raise InvalidParameter("phone", f"a suffix needs {SUFFIX_DIGITS_MIN} digits at least")
    if phone.match == "suffix" and not may_know:
        raise InvalidParameter("phone_match", "suffix takes a key with the scope pii:read")
    return phone


def variants(number: str) -> list[str]:
    """The number and what WhatsApp may call it: its ids are not always what is dialled.

    Brazil: mobile numbers (that began with 6 to 9) got a 9 after the area code, which ids of old
    accounts lack. Mexico: ids have a 1 after 52. Argentina: ids have a 9 after 54.
    """
    found = [number]
    for pattern, other in _RULES:
        match = re.fullmatch(pattern, number)
        if match:
            found.append(other(match))
    return found


@lru_cache(maxsize=256)
def e164(number: str | None) -> str | None:
    """With the "+", when these are digits of an international number at all."""
    return f"+{number}" if number and re.fullmatch(r"[1-9][0-9]{6,14}", number) else None


_RULES: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"55(\d\d)9([6-9]\d{7})", lambda found: f"55{found[1]}{found[2]}"),
    (r"55(\d\d)([6-9]\d{7})", lambda found: f"55{found[1]}9{found[2]}"),
    (r"521(\d{10})", lambda found: f"52{found[1]}"),
    (r"52(\d{10})", lambda found: f"521{found[1]}"),
    (r"549(\d{10})", lambda found: f"54{found[1]}"),
    (r"54(\d{10})", lambda found: f"549{found[1]}"),
)

"""Writes parsed JSON again, such that PostgreSQL's jsonb can hold it, or says why it can't."""

import json
import re
from decimal import Decimal, InvalidOperation

import msgspec

# Measured on PostgreSQL 15 and 18: jsonb refuses these in any text.
UNSTORABLE_CHARACTER = re.compile("[\0\ud800-\udfff]")
# jsonb takes 131,072 digits before the point and writes them all out, but Python's JSON parsers
# refuse an int of more digits than this, and whoever reads the log must be able to.
DIGITS_MAX = 4_300
# jsonb's numbers end this many digits after the point.
DIGITS_AFTER_POINT_MAX = 16_383
MANY_DIGITS = re.compile(rb"[0-9]{%d}" % (DIGITS_MAX + 1))


class Number(str):
    """A number as it was written, since a float would lose digits and an int takes only 4,300."""

    __slots__ = ()


class Written(msgspec.Struct):
    """A JSON value as text. `problem` says why jsonb would refuse it, None when it would not."""

    text: str
    escaped: bool
    problem: str | None

    @property
    def raw(self) -> msgspec.Raw:
        return msgspec.Raw(self.text.encode())


def parse(body: bytes) -> object:
    """The body as dicts, lists, texts and Numbers; takes NaN and lone surrogates.

    Raises UnicodeDecodeError, ValueError and RecursionError.
    """
    return json.loads(body.decode(), parse_int=Number, parse_float=Number, parse_constant=Number)


def write(value: object) -> Written:
    """The value as JSON text with unstorable characters escaped. Raises RecursionError."""
    writer = _Writer()
    writer.add(value)
    return Written("".join(writer.parts), writer.escaped, writer.problem)


def may_hold_a_long_number(raw: msgspec.Raw) -> bool:
    """Whether an undecoded value has so many digits in a row; they may also stand in a text."""
    return len(raw) > DIGITS_MAX and MANY_DIGITS.search(raw) is not None


def escape(text: str) -> str:
    """NUL and lone surrogates as six characters: backslash, u and four hex digits."""
    return UNSTORABLE_CHARACTER.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class _Writer:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.escaped = False
        self.problem: str | None = None

    def add(self, value: object) -> None:
        if isinstance(value, Number):
            self.problem = self.problem or number_problem(value)
            self.parts.append(value)
        elif isinstance(value, str):
            self.add_text(value)
        elif isinstance(value, dict):
            self.add_members(value)
        elif isinstance(value, list):
            self.parts.append("[")
            for i, member in enumerate(value):
                if i:
                    self.parts.append(",")
                self.add(member)
            self.parts.append("]")
        else:
            self.parts.append(json.dumps(value))

    def add_members(self, members: dict[str, object]) -> None:
        self.parts.append("{")
        for i, (key, member) in enumerate(members.items()):
            if i:
                self.parts.append(",")
            self.add_text(key)
            self.parts.append(":")
            self.add(member)
        self.parts.append("}")

    def add_text(self, text: str) -> None:
        if UNSTORABLE_CHARACTER.search(text):
            self.escaped = True
            text = escape(text)
        self.parts.append(json.dumps(text, ensure_ascii=False))


def number_problem(number: str) -> str | None:
    """Why a number as written is none that jsonb can hold, None when it is one."""
    if number in ("NaN", "Infinity", "-Infinity"):
        return f"{number} is no JSON number"
    if len(number) > DIGITS_MAX:
        return f"a number has more than {DIGITS_MAX} digits"
    if "e" not in number and "E" not in number:
        return None
    try:
        value = Decimal(number)
        exponent = value.as_tuple().exponent
        fits = (
            isinstance(exponent, int)
            and -exponent <= DIGITS_AFTER_POINT_MAX
            and value.adjusted() < DIGITS_MAX
        )
    except InvalidOperation:
        fits = False
    return None if fits else "a number is too large to be stored"

"""The business number that pages are narrowed to: kept in the address, chosen in the header."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request

from read_api.pages.asking import Api, address

NUMBER = "phone_number_id"
# The pages whose lists and figures can be one number's.
NARROWED = ("/inbox", "/messages", "/stats")

Answer = dict[str, Any]
Pairs = Sequence[tuple[str, str]]


def of_number(pairs: Pairs) -> Pairs:
    """What of a page's parameters says which number it is narrowed to."""
    return [pair for pair in pairs if pair[0] == NUMBER]


async def number_picker(api: Api, request: Request, path: str, kept: Pairs) -> Answer:
    """`picker`: which number is chosen, and what to choose from; None where there is one only.

    `kept` is what stays in the address when another number is chosen.
    """
    if not api.may(request, "numbers/"):
        return {"picker": None}
    numbers = (await api(request, "numbers/"))["numbers"]
    names = {each[NUMBER]: each["display_phone_number"] or each[NUMBER] for each in numbers}
    chosen = request.query_params.get(NUMBER) or None
    if chosen is not None:
        # An address may name one that nobody has written to yet.
        names.setdefault(chosen, chosen)
    if chosen is None and len(names) < 2:
        return {"picker": None}
    others = [pair for pair in kept if pair[0] != NUMBER]
    choices = [
        {
            "title": title,
            "href": address(path, [*others, *([(NUMBER, number)] if number else ())]),
            "current": number == chosen,
        }
        for number, title in ((None, "All numbers"), *names.items())
    ]
    return {"picker": {"chosen": names.get(chosen or "", "All numbers"), "choices": choices}}

"""Links: the addresses of the rows behind a number, `GET messages/` that finds as many."""

from functools import lru_cache
from urllib.parse import quote, urlencode

from read_api.models.stats import Counted, Span
from read_api.stats.ranges import Range, span, utc

MESSAGES = "/api/whatsapp/messages/"
VOLUME = "/api/whatsapp/stats/volume/"


class Links:
    """Addresses of messages in a span, on the number that was asked for."""

    def __init__(self, of: Range, within: Span | None = None) -> None:
        where = within or span(of.since, of.until, of.tz)
        number = of.phone_number_id
        # What a time is made of may stand in an address as it is.
        self._query = f"{MESSAGES}?from={where['from']}&to={where['to']}" + (
            f"&phone_number_id={quote(number, safe='')}" if number is not None else ""
        )

    def __call__(self, *statuses: str, **filters: str | None) -> str:
        """With more filters, but those that are None, and any of the statuses."""
        return self._query + _more(statuses, tuple(filters.items()))

    def counted(self, messages: int, *statuses: str, **filters: str | None) -> Counted:
        """A number with its address."""
        return {"messages": messages, "messages_url": self(*statuses, **filters)}


@lru_cache(maxsize=1_024)
def _more(statuses: tuple[str, ...], filters: tuple[tuple[str, str | None], ...]) -> str:
    """The same few for each of many buckets."""
    more = [(name, value) for name, value in filters if value is not None]
    more += [("status", status) for status in statuses]
    return f"&{urlencode(more)}" if more else ""


def volume_by_hour(of: Range, direction: str | None) -> str:
    """The volume of each hour."""
    more = {"phone_number_id": of.phone_number_id, "direction": direction}
    query = urlencode([(name, value) for name, value in more.items() if value is not None])
    zone = quote(of.tz.key, safe="/")
    address = f"{VOLUME}?from={utc(of.since)}&to={utc(of.until)}&tz={zone}&bucket=hour"
    return f"{address}&{query}" if query else address

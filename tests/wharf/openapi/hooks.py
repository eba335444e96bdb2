"""What schemathesis can't know from a schema: words of ours, and which parameters go together."""

from typing import Any
from uuid import uuid4

import schemathesis
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

schemathesis.openapi.format(
    "time-zone", st.sampled_from(["UTC", "Europe/Madrid", "America/Sao_Paulo", "Asia/Kathmandu"])
)
# Nobody can make up a cursor: they are signed. With `fields` an answer is a part of its model, as
# its description says. Both have tests of their own.
NOT_HERE = ("cursor", "fields")
# Of these only one may be given, or the second only with the first.
ONE_OF = (("before", "after", "around"), ("q", "around"), ("q", "as_of"))
ONLY_WITH = {"phone_match": "phone", "q_mode": "q"}


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Nobody waits here for a position that is far away; what is to be accepted makes sense."""
    case.headers = {**(case.headers or {}), "Prefer": "wait=0"}
    for given, name in ((case.headers, "X-Min-Position"), (case.query or {}, "min_position")):
        if str(given.get(name, "")).isdecimal():
            given[name] = "0"
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    if "Idempotency-Key" in case.headers:
        # The same one for another wish is refused.
        case.headers["Idempotency-Key"] = uuid4().hex
    query = case.query or {}
    for name in NOT_HERE:
        query.pop(name, None)
    for name, other in ONLY_WITH.items():
        if other not in query:
            query.pop(name, None)
    if query.get("phone_match") == "suffix":
        # A suffix has four digits at least.
        query["phone"] = "1234"
    for names in ONE_OF:
        for name in [name for name in names if name in query][1:]:
            del query[name]
    if "as_of" in query:
        # Of what the log has not come to there is no past.
        query["as_of"] = "1"
    if case.path.endswith("/messages/"):
        # In the thread these are cursors, too.
        for name in ("before", "after"):
            query.pop(name, None)
    if isinstance(case.body, dict):
        # Of poison one event or all, which is a choice between two of its fields.
        case.body = {"all": True} if "/poison/" in case.path else sensible(case.body)
    if "/stats/" in case.path:
        # Full quarters of an hour, not in the future, and no more of them than are answered.
        case.query = query | {"from": "2025-11-21", "to": "2025-11-22"}
    for since, until in (("from", "to"), ("received_from", "received_to")):
        if since in query:
            query.pop(until, None)


def sensible(body: dict[str, Any]) -> dict[str, Any]:
    """The body without what a schema can't forbid."""
    if isinstance(body.get("until"), str):
        body = body | {"until": "2126-11-22T09:00:00Z"}
    if "kind" in body:
        # An export: its filters and columns depend on its kind.
        filters = {"customer": 1} if body["kind"] == "customer" else {}
        body = body | {"filters": filters, "columns": None, "tz": "UTC"}
    if "scopes" in body:
        # A key: its limits depend on each other and on the day.
        body = body | {"name": "made up", "expires_at": None}
        body = body | {"phone_number_ids": [], "networks": []}
    if "assignee" in body:
        # There are no users here, and a key is none.
        body = body | {"assignee": None}
    if body.get("add") and body.get("remove"):
        body = body | {"remove": []}
    return body

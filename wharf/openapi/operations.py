"""Operations: what an endpoint takes and answers, in the words of OpenAPI."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from read_api import parameters
from read_api.parser import Parser
from wharf import cookies, forgery
from wharf.key_routes import SCOPE as KEYS
from wharf.openapi.components import Components, Schema
from wharf.openapi.faults import Endpoint, ProblemDetails, responses, slugs_of

JSON = "application/json"
_PLACE = re.compile(r"\{(\w+)(?::\w+)?\}")


class Operations:
    """Makes operations; the models that they name are collected in `components`."""

    def __init__(self, components: Components, examples: Mapping[str, Any]) -> None:
        self._components = components
        self._examples = examples

    def guarded(self, endpoint: Endpoint) -> dict[str, Any]:
        """The operation of an endpoint that takes a key."""
        problem = self._components.of(ProblemDetails)
        faults = responses(slugs_of(endpoint), path_of(endpoint), problem)
        operation = self.open(endpoint)
        scope = f"Takes the scope `{endpoint.scope}`." if endpoint.scope else "Takes any key."
        return {
            **operation,
            "description": scope,
            "security": _security(endpoint),
            "responses": {**operation["responses"], **faults},
        }

    def open(self, endpoint: Endpoint) -> dict[str, Any]:
        """The operation of an endpoint that anybody may ask."""
        answers = {endpoint.status: endpoint.answer, **endpoint.others}
        operation: dict[str, Any] = {
            "operationId": operation_id(endpoint),
            "tags": [tag_of(endpoint)],
            "summary": endpoint.summary,
            "security": [],
            "parameters": _parameters(endpoint),
            "responses": {
                str(status): self._response(endpoint, status, answer)
                for status, answer in sorted(answers.items())
            },
        }
        if endpoint.body is not None:
            content = self._content(endpoint.body)
            operation["requestBody"] = {"required": True, "content": content}
        return operation

    def _response(self, endpoint: Endpoint, status: int, answer: Any) -> dict[str, Any]:
        found: dict[str, Any] = {
            "description": STATUSES[status],
            "headers": {
                name: {"$ref": f"#/components/headers/{name}"}
                for name in _headers(endpoint, status)
            },
        }
        if answer is not None:
            found["content"] = self._content(answer)
        return found

    def _content(self, model: Any) -> dict[str, Any]:
        if isinstance(model, str):
            return {model: {"schema": {} if model == JSON else {"type": "string"}}}
        schema = self._components.of(model)
        name = schema.get("$ref", "").rpartition("/")[2]
        shown = {"example": self._examples[name]} if name in self._examples else {}
        return {JSON: {"schema": schema, **shown}}


STATUSES = {
    200: "What was asked for",
    201: "It was made",
    202: "Not yet: it is under way",
    204: "Done",
    206: "A part of it",
    303: "It is over there",
    304: "Nothing has changed",
    503: "Not now",
}

SECURITY: dict[str, Any] = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "wharf_<id>_<secret>"},
    "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
    "session": {"type": "apiKey", "in": "cookie", "name": cookies.NAME},
    "csrf": {"type": "apiKey", "in": "header", "name": forgery.HEADER},
}

HEADERS: dict[str, Any] = {
    "X-Log-Position": {
        "description": "How far the read tables were, or the position of what was appended.",
        "schema": {"type": "integer"},
    },
    "X-Stale": {
        "description": "`true` when the answer is older than the position asked for.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Link": {
        "description": "The pages beside this one (RFC 8288), by rel=next and rel=prev.",
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": "`r` requests are left of the policy's, all of them in `t` seconds.",
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {
        "description": "`q` requests in `w` seconds; missing where nothing is limited.",
        "schema": {"type": "string"},
    },
    "ETag": {"description": "What this version is called.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}},
    "X-Request-Id": {"description": "As in the problem.", "schema": {"type": "string"}},
    "WWW-Authenticate": {"description": "How to ask.", "schema": {"type": "string"}},
}


def path_of(endpoint: Endpoint) -> str:
    """Starlette's path without its convertors."""
    return _PLACE.sub(r"{\1}", endpoint.path)


def operation_id(endpoint: Endpoint) -> str:
    """`get_messages_id_raw`: the same as long as method and path are the same."""
    path = path_of(endpoint).removeprefix("/api/whatsapp/").removeprefix("/api/admin/")
    words = re.findall(r"[a-z0-9]+", path.lower())
    return "_".join([endpoint.method.lower(), *words])


def tag_of(endpoint: Endpoint) -> str:
    path = endpoint.path.removeprefix("/api/whatsapp/").removeprefix("/api/admin/")
    return path.strip("/").split("/")[0]


def _security(endpoint: Endpoint) -> list[dict[str, list[str]]]:
    """A key, or a session, which for commands takes its token against forgery as well."""
    scopes = [endpoint.scope] if endpoint.scope else []
    token: dict[str, list[str]] = {} if endpoint.method == "GET" else {"csrf": []}
    return [{"bearer": scopes}, {"key": scopes}, {"session": scopes, **token}]


def _headers(endpoint: Endpoint, status: int) -> list[str]:
    names = []
    if endpoint.path.startswith("/api/whatsapp/"):
        names += ["RateLimit", "RateLimit-Policy"]
        # Who may ask is not in the log.
        if tag_of(endpoint) not in ("keys", "session", "users"):
            names.append("X-Log-Position")
    if "min_position" in endpoint.parameters:
        names.append("X-Stale")
    if "cursor" in endpoint.parameters:
        names.append("Link")
    if 304 in endpoint.others:
        names.append("ETag")
    if status == 202 and endpoint.method == "GET":
        names.append("Retry-After")
    return names


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    in_path = _PLACE.findall(endpoint.path)
    known: Mapping[str, Parser] = endpoint.parameters
    found = [_parameter(name, "path", known.get(name) or PLACES[name]) for name in in_path]
    found += [
        _parameter(name, "query", parser) for name, parser in known.items() if name not in in_path
    ]
    if "min_position" in known:
        found += [_parameter(name, "header", parser) for name, parser in READERS.items()]
    if 304 in endpoint.others:
        found += [_parameter(name, "header", parser) for name, parser in AGAIN.items()]
    if "conversation-moved" in endpoint.problems:
        found += [_parameter(name, "header", parser) for name, parser in SEERS.items()]
    if endpoint.method != "GET" and endpoint.scope != KEYS:
        found += [_parameter(name, "header", parser) for name, parser in COMMANDERS.items()]
    return found


READERS: dict[str, Parser] = {
    "X-Min-Position": parameters.FRESHNESS["min_position"].about(
        "Wait until the read tables have this position."
    ),
    "Prefer": parameters.word.about(
        f"wait=n: how many seconds to wait for it, {parameters.WAIT_DEFAULT_S:.0f} if not given, "
        f"{parameters.WAIT_MAX_S:.0f} at most (RFC 7240)."
    ),
}


AGAIN: dict[str, Parser] = {
    "If-None-Match": replace(
        parameters.word,
        schema={"type": "string"},
        description="ETags of answers that are known: 304 for those.",
    ),
}

SEERS: dict[str, Parser] = {
    "If-Match": replace(
        parameters.word,
        schema={
            "type": "string",
            "pattern": r'^(\*|(W/)?"[a-z]+-[0-9]{1,9}-[0-9]{1,18}(-[0-9a-z]*)?")$',
        },
        description="The ETag of the conversation, or the customer, as the caller has seen it: if "
        "there is more by now, nothing is done.",
    ),
}

# What shows a new key or link is never kept, so it can't be answered again.
COMMANDERS: dict[str, Parser] = {
    "Idempotency-Key": replace(
        parameters.word,
        schema={"type": "string", "pattern": r"^[\x21-\x7e]{1,255}$"},
        description="The caller's name for this wish: if it comes again within a day, it is "
        "answered again (with `Idempotency-Replayed: true`) and not done again.",
    ),
}


# What stands in a path, where the endpoint does not say so itself.
PLACES: dict[str, Parser] = {
    "id": parameters.whole_number(0, 10**18 - 1).about("A position of the log."),
    "media_id": parameters.word.about("Meta's id of the file."),
}


def _parameter(name: str, where: str, parser: Parser) -> dict[str, Any]:
    schema: Schema = dict(parser.schema)
    examples = schema.pop("examples", None)
    found: dict[str, Any] = {
        "name": name,
        "in": where,
        "required": where == "path",
        "description": parser.description,
        "schema": {"type": "array", "items": schema} if parser.repeatable else schema,
    }
    if parser.repeatable:
        found |= {"style": "form", "explode": True}
    if examples:
        found["example"] = examples[0]
    return found

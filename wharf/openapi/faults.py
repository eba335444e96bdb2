"""What can go wrong at an endpoint, as responses of the document."""

from collections.abc import Iterable
from typing import Annotated, Any, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from read_api.routes import Endpoint as Question
from wharf.problems import Problem, by_slug
from write_side.routes import Endpoint as Command

Endpoint = Question | Command

MEDIA_TYPE = "application/problem+json"

_OF_ALL = ("unauthenticated", "scope-missing", "rate-limited", "store-unavailable")


class Fault(TypedDict):
    """What is wrong with one part of a request."""

    parameter: NotRequired[str]
    pointer: NotRequired[Annotated[str, Field(description="Into the body (RFC 6901).")]]
    code: str
    message: str


class MissedItem(TypedDict):
    """A message (with its direction), a note, or the name of a detail that was changed."""

    position: int
    kind: str
    direction: str | None


class ProblemDetails(TypedDict):
    """A problem (RFC 9457). `type` is the address of a page that says what to do about it."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: Annotated[str, Field(description="The last part of `type`.")]
    request_id: Annotated[str, Field(description="The log of the service has it too.")]
    errors: NotRequired[list[Fault]]
    scope: NotRequired[Annotated[str, Field(description="The one that is missing.")]]
    candidates: NotRequired[Annotated[list[str], Field(description="Which may be meant.")]]
    required: NotRequired[Annotated[int, Field(description="The position asked for.")]]
    current: NotRequired[Annotated[int, Field(description="The position reached.")]]
    missed: NotRequired[
        Annotated[list[MissedItem], Field(description="What came since, the newest first.")]
    ]
    merges: NotRequired[Annotated[list[int], Field(description="Those that there are.")]]
    reason: NotRequired[str]
    attempts: NotRequired[int]


def slugs_of(endpoint: Endpoint) -> list[str]:
    """Its own, and those of all endpoints that ask or command as it does."""
    found = [*_OF_ALL, *endpoint.problems]
    found.append("invalid-parameter")
    if endpoint.method != "GET":
        found += ["csrf", "idempotency-key-reuse", "idempotency-key-in-use"]
    if "cursor" in endpoint.parameters:
        found.append("cursor-mismatch")
    if "min_position" in endpoint.parameters:
        found.append("projection-behind")
    if "{" in endpoint.path:
        found.append("not-found")
    if endpoint.body is not None:
        found += ["validation", "too-large"]
    return found


def responses(slugs: Iterable[str], path: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Responses by status; one status may stand for several problems, each with an example."""
    by_status: dict[int, list[Problem]] = {}
    for slug in sorted(set(slugs)):
        problem = by_slug()[slug]
        by_status.setdefault(problem.status, []).append(problem)
    return {
        str(status): {
            "description": "\n".join(
                f"- [`{one.slug}`](/problems/{one.slug}): {one.title}" for one in problems
            ),
            "headers": _headers(problems),
            "content": {
                MEDIA_TYPE: {
                    "schema": schema,
                    "examples": {one.slug: {"value": example(one, path)} for one in problems},
                }
            },
        }
        for status, problems in sorted(by_status.items())
    }


def _headers(problems: list[Problem]) -> dict[str, Any]:
    names = ["X-Request-Id"]
    if any(one.retry_after_s is not None for one in problems):
        names.append("Retry-After")
    if problems[0].status == 401:
        names.append("WWW-Authenticate")
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


_FACTS: dict[str, Any] = {
    "errors": [{"pointer": "/phone_number", "code": "string_type", "message": "has to be text"}],
    "scope": "messages:read",
    "candidates": ["5511987654321", "551187654321"],
    "merges": [48207],
    "missed": [{"position": 48201, "kind": "message", "direction": "out"}],
    "required": 48200,
    "current": 48190,
    "reason": "http-500",
    "attempts": 6,
}


def example(problem: Problem, path: str) -> ProblemDetails:
    facts = {name: _FACTS[name] for name in problem.facts if name in _FACTS}
    if problem.slug == "invalid-parameter":
        fault = {"parameter": "limit", "code": "invalid-parameter", "message": "is too great"}
        facts["errors"] = [fault]
    return {
        "type": f"/problems/{problem.slug}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.title,
        "instance": path,
        "code": problem.slug,
        "request_id": "5b0d1c2e9f3a4d67",
        **facts,  # type: ignore[typeddict-item]  # what is optional, by name
    }

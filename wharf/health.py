"""Health: whether the process lives, and whether it is of use."""

from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from typing_extensions import TypedDict

from read_api.errors import ReadError
from read_api.reading import Reading
from read_api.routes import Endpoint
from write_side.intake import Intake


class Readiness(TypedDict):
    """`ready`, or what is missing."""

    intake: str
    reads: str


def health_endpoints(intake: Intake, reading: Reading) -> list[Endpoint]:
    return [
        Endpoint("/healthz", "GET", "", healthz, summary="Whether it lives", answer="text/plain"),
        Endpoint(
            "/readyz",
            "GET",
            "",
            partial(readyz, intake, reading),
            summary="Whether webhooks can be stored and questions be answered",
            answer=Readiness,
            others={503: Readiness},
        ),
    ]


async def healthz(request: Request) -> Response:
    """The process answers; nothing is asked of anybody else."""
    return PlainTextResponse("ok\n")


async def readyz(intake: Intake, reading: Reading, request: Request) -> Response:
    """Whether webhooks can be stored and questions be answered."""
    try:
        await reading.reach(0, 0)
        reads = "ready"
    except ReadError as error:
        reads = str(error)
    intake_state = "ready" if intake.available else "unavailable"
    ready = (intake_state, reads) == ("ready", "ready")
    content: Readiness = {"intake": intake_state, "reads": reads}
    return JSONResponse(content, 200 if ready else 503)

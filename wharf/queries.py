"""Queries: a command is said in its body, and what else its address asks would be overheard."""

from starlette.requests import Request
from starlette.responses import Response

from read_api import parameters
from wharf.access import Asked
from wharf.forms import METHOD


def refusing_queries(command: Asked) -> Asked:
    """The command, if its address asks nothing beside. Raises InvalidParameter.

    The method of a form is no question, once it is the request's.
    """

    async def strict(request: Request) -> Response:
        items = request.query_params.multi_items()
        parameters.parse((item for item in items if item != (METHOD, request.method)), {})
        return await command(request)

    return strict

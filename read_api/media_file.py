"""GET media/{media_id}/: the bytes of a file, or why there are none."""

from psycopg.rows import DictRow
from starlette.requests import Request
from starlette.responses import Response

from read_api import parameters
from read_api.answers import answer
from read_api.errors import MediaExpired, MediaFailed, MediaMissing, NotFound
from read_api.media_rows import BY_MEDIA_ID, media
from read_api.media_types import present
from read_api.reading import Answers, Query, Reading
from read_api.stored_files import StoredFiles

RETRY_AFTER_S = 5

PARAMETERS: dict[str, parameters.Parser] = {
    "phone_number_id": parameters.phone_number_id,
    **parameters.FRESHNESS,
}


async def get_media(reading: Reading, files: StoredFiles, request: Request) -> Response:
    """200 or 206 with the file, 202 while it is pending.

    Raises NotFound, MediaExpired, MediaFailed and MediaMissing.
    """
    values = parameters.parse(request.query_params.multi_items(), PARAMETERS)
    media_id = request.path_params["media_id"].removesuffix("/")
    if not media_id.isprintable():
        raise NotFound("media")
    query = Query(BY_MEDIA_ID, {"media_id": media_id})
    answers = await reading.read([query], parameters.freshness(request, values))
    number = values.get("phone_number_id")
    rows = [row for row in answers.rows[0] if number in (None, row["phone_number_id"])]
    if not rows:
        raise NotFound("media")
    row = rows[0]
    match row["state"]:
        case "stored":
            return await _file(request, row, files, answers)
        case "expired":
            raise MediaExpired(row["attempts"])
        case "failed":
            raise MediaFailed(row["reason"], row["attempts"])
    pending = answer(request, media(row), answers, {"Retry-After": str(RETRY_AFTER_S)})
    pending.status_code = 202
    return pending


async def _file(request: Request, row: DictRow, files: StoredFiles, answers: Answers) -> Response:
    try:
        file = await files.find(row["sha256"])
    except OSError as error:
        raise MediaMissing from error
    shown = present(file.head, row["stored_mime_type"], row["filename"], row["media_id"])
    etag = f'"{row["sha256"]}"'
    headers = {
        "ETag": etag,
        "Content-Type": shown.content_type,
        "Content-Disposition": shown.disposition,
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        # Personal data: kept by the one who asked, and asked for again each time.
        "Cache-Control": "private, no-cache",
        "X-Log-Position": str(answers.position),
    }
    if _has(request, etag):
        return Response(status_code=304, headers=headers)
    return file.respond(request, headers)


def _has(request: Request, etag: str) -> bool:
    """If-None-Match, which compares weakly (RFC 9110 §13.1.2)."""
    given = ",".join(request.headers.getlist("If-None-Match"))
    tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
    return "*" in tags or etag in tags

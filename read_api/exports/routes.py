"""The addresses of exports."""

from read_api import parameters
from read_api.exports.endpoints import Exports
from read_api.exports.wishes import ExportWish
from read_api.models.export import Export, ExportList
from read_api.routes import PREFIX, Endpoint, get

SCOPE = "exports:create"
ANY_FILE = "*/*"

EXPORT_ID = parameters.word.about("The export's id.")


def export_routes(exports: Exports) -> list[Endpoint]:
    one = {"id": EXPORT_ID}
    return [
        Endpoint(
            PREFIX + "exports/",
            "POST",
            SCOPE,
            exports.create,
            summary="Have a whole list made into a file",
            body=ExportWish,
            answer=Export,
            status=202,
            problems=("invalid-parameter", "validation", "not-found", "too-many-exports"),
        ),
        get(
            "exports/",
            SCOPE,
            exports.list_own,
            summary="Your exports, newest first",
            answer=ExportList,
        ),
        get(
            # Without a slash at its end it is the name of a file; it is there with one, too.
            "exports/{id}/file/",
            SCOPE,
            exports.get_file,
            summary="An export's file, or a part of it",
            parameters=one,
            answer=ANY_FILE,
            others={202: Export, 206: ANY_FILE},
            problems=("export-failed", "export-missing"),
        ),
        get(
            "exports/{id}/",
            SCOPE,
            exports.get,
            summary="How far an export is",
            parameters=one,
            answer=Export,
        ),
        Endpoint(
            PREFIX + "exports/{id}/",
            "DELETE",
            SCOPE,
            exports.delete,
            summary="Delete an export and its file",
            parameters=one,
            status=204,
        ),
    ]

"""The addresses that answer about files; the view that they ask is `media`."""

from functools import partial

from read_api import media_file, media_list, parameters
from read_api.media_file import get_media
from read_api.media_list import list_media
from read_api.models.media import Media, MediaList
from read_api.reading import Reading
from read_api.routes import TAGGED, Endpoint, get
from read_api.stored_files import StoredFiles

ANY_BYTES = "*/*"

MEDIA_ID = parameters.word.about("Meta's id of the file.")


def media_routes(reading: Reading, files: StoredFiles) -> list[Endpoint]:
    return [
        get(
            "media/",
            "media:read",
            partial(list_media, reading),
            summary="The files that messages refer to, newest first",
            parameters=media_list.PARAMETERS,
            answer=MediaList,
            others=TAGGED,
        ),
        get(
            # Meta's ids are digits, but what a payload calls one is kept as it is.
            "media/{media_id:path}/",
            "media:read",
            partial(get_media, reading, files),
            summary="A file's bytes",
            parameters={"media_id": MEDIA_ID, **media_file.PARAMETERS},
            answer=ANY_BYTES,
            others={202: Media, 206: ANY_BYTES, **TAGGED},
            problems=("media-failed", "media-expired", "media-missing"),
        ),
    ]

"""The addresses that answer about files; the view that they ask is `media`."""

from functools import partial

from read_api.media_file import PathOf, get_media
from read_api.media_list import list_media
from read_api.reading import Reading
from read_api.routes import PREFIX, Endpoint


def media_routes(reading: Reading, path_of: PathOf) -> list[Endpoint]:
    return [
        Endpoint(PREFIX + "media/", "GET", "media:read", partial(list_media, reading)),
        Endpoint(
            # Meta's ids are digits, but what a payload calls one is kept as it is.
            PREFIX + "media/{media_id:path}/",
            "GET",
            "media:read",
            partial(get_media, reading, path_of),
        ),
    ]

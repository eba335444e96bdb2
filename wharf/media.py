"""Media put together: where files are, who asks for them, and who downloads them."""

from collections.abc import Sequence
from pathlib import Path

from read_api.pending_media import PendingMedia
from wharf.settings import Settings
from write_side.media.addresses import Addresses
from write_side.media.fetching import Fetcher, Limits
from write_side.media.jobs import Pending
from write_side.media.store import LocalStore
from write_side.media.working import MediaWork


def media_store(data_dir: Path) -> LocalStore:
    """The store that downloads write to and the web side reads from."""
    return LocalStore(data_dir / "media")


def media_work(url: str, settings: Settings) -> MediaWork:
    """What a process with workers does about files."""
    find = PendingMedia(url)

    async def find_pending(after: int, limit: int) -> Sequence[Pending]:
        return [Pending(*each) for each in await find(after, limit)]

    return MediaWork(url, find_pending, fetcher(settings), find.close)


def fetcher(settings: Settings) -> Fetcher | None:
    """None without an access token: files stay pending then."""
    if settings.access_token is None:
        return None
    return Fetcher(
        Addresses(settings.graph_url, settings.graph_version, settings.media_hosts),
        settings.access_token,
        media_store(settings.data_dir),
        Limits(bytes_max=settings.media_bytes_max),
    )

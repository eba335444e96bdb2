"""Media put together: where files are, who asks for them, and who downloads them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from read_api.pending_media import PendingMedia
from read_api.stored_files import LocalFiles, StoredFiles
from wharf.environment import SettingsError
from wharf.media_settings import MEDIA_STORE
from wharf.settings import Settings
from write_side.media.addresses import Addresses
from write_side.media.fetching import Fetcher, Limits
from write_side.media.jobs import Pending
from write_side.media.store import LocalStore, Store
from write_side.media.working import MediaWork


def media_store(settings: Settings) -> Store:
    """The store that downloads write to. Raises SettingsError."""
    folder = settings.data_dir / "media"
    if settings.media_store is None:
        return LocalStore(folder)
    with _extra_needed():
        from wharf.bucket import bucket
        from write_side.media.bucket_store import BucketStore
    return BucketStore(bucket(settings.media_store), folder / "incoming")


def stored_files(settings: Settings) -> StoredFiles:
    """What that store has, for answers. Raises SettingsError."""
    if settings.media_store is None:
        return LocalFiles(LocalStore(settings.data_dir / "media").path)
    with _extra_needed():
        from read_api.bucket_files import BucketFiles
        from wharf.bucket import bucket
    return BucketFiles(bucket(settings.media_store))


@contextmanager
def _extra_needed() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise SettingsError(MEDIA_STORE, "needs the extra `s3` of this package") from error


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
        media_store(settings),
        Limits(bytes_max=settings.media_bytes_max),
    )

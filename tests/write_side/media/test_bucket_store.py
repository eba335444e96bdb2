"""The store in S3-compatible storage: downloads into a bucket, and out of it again."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import obstore
import pytest
from obstore.store import ObjectStore

from tests.write_side.media.graph import PICTURE, TOKEN, Graph
from tests.write_side.media.place import Place, picture
from tests.write_side.media.test_killed_downloads import killed_at
from wharf.bucket import bucket
from write_side.media.addresses import Addresses
from write_side.media.bucket_store import BucketStore
from write_side.media.fetching import Fetcher
from write_side.media.store import key

DIGEST = sha256(PICTURE).hexdigest()


@pytest.fixture
def objects(bucket_url: str) -> ObjectStore:
    return bucket(bucket_url)


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "incoming"


@pytest.fixture
def fetcher(graph: Graph, objects: ObjectStore, spool: Path) -> Fetcher:
    return Fetcher(Addresses(graph.url, "v24.0"), TOKEN, BucketStore(objects, spool))


@pytest.fixture(autouse=True)
def nothing_is_left_on_the_disk(spool: Path) -> Iterator[None]:
    yield
    assert [] == list(spool.iterdir())


def names(objects: ObjectStore) -> list[str]:
    return [each["path"] for page in obstore.list(objects) for each in page]


async def test_a_file_comes_home_into_the_bucket_and_the_log_says_so(
    place: Place, graph: Graph, objects: ObjectStore
) -> None:
    graph.serves()
    await place.got(picture())

    await place.download()

    ((kind, data),) = place.events()
    assert ("MediaStored", DIGEST, "s3") == (kind, data["sha256"], data["store"])
    assert [key(DIGEST)] == names(objects)
    assert PICTURE == bytes(obstore.get(objects, key(DIGEST)).bytes())


@pytest.mark.parametrize(
    "step",
    ["media file received", "media file stored", "media outcome appended", "media job closed"],
)
async def test_a_download_that_ends_at_any_step_is_done_once(
    place: Place, objects: ObjectStore, step: str
) -> None:
    place.graph.serves()
    await place.got(picture())
    with killed_at(step):
        await place.download()

    place.hurry()
    await place.download()

    assert ["MediaStored"] == [kind for kind, _ in place.events()]
    assert [key(DIGEST)] == names(objects)
    assert "stored" == place.row()["state"]


async def test_a_bucket_that_takes_nothing_is_waited_for(
    place: Place, graph: Graph, fetcher: Fetcher, spool: Path
) -> None:
    graph.serves()
    await place.got(picture())
    gone = BucketStore(bucket("s3://no-such-bucket"), spool)

    await place.download(place.worker(Fetcher(Addresses(graph.url, "v24.0"), TOKEN, gone)))

    assert [] == place.events()
    assert [(False, 0, "store-failed")] == place.jobs()
    place.hurry()
    await place.download()
    assert ["MediaStored"] == [kind for kind, _ in place.events()]


async def test_a_large_file_is_uploaded_in_parts(
    objects: ObjectStore, spool: Path, place: Place
) -> None:
    content = bytes(range(256)) * 64 * 1024
    files = BucketStore(objects, spool)

    with files.incoming() as incoming:
        incoming.write(content)
        await files.keep(incoming)

    assert content == bytes(obstore.get(objects, key(incoming.sha256)).bytes())

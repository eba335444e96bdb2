"""An S3 of our own on loopback, and a bucket in it for each test."""

from collections.abc import Iterator
from itertools import count

import httpx
import pytest
from moto.server import ThreadedMotoServer

_numbers = count(1)


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """Its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        yield "http://{}:{}".format(*server.get_host_and_port())
    finally:
        server.stop()


@pytest.fixture
def bucket_url(s3: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty bucket's prefix; the environment says where it is."""
    name = f"media-{next(_numbers)}"
    assert httpx.put(f"{s3}/{name}").is_success
    for variable, value in {
        "AWS_ENDPOINT_URL": s3,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "wharf",
        "AWS_SECRET_ACCESS_KEY": "wharf",
    }.items():
        monkeypatch.setenv(variable, value)
    return f"s3://{name}/wharf"

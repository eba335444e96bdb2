"""A store in S3-compatible object storage, by obstore: signing, retries and parts are its business.

A file is spooled on the local disk until its hash is known, and then uploaded; an object is there
whole or not at all.
"""

from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore

from write_side.media.store import Incoming, Spool, key


class BucketStore:
    """Files as objects of `bucket`, which may have a prefix; `spool` is a local folder."""

    name = "s3"

    def __init__(self, bucket: ObjectStore, spool: Path) -> None:
        self._bucket = bucket
        files = Spool(spool)
        self.incoming = files.incoming
        self.clear_leftovers = files.clear_leftovers

    async def keep(self, incoming: Incoming) -> None:
        """Upload what was written; raises OSError, as a folder does that takes no file."""
        incoming.file.flush()
        name = key(incoming.sha256)
        try:
            with incoming.path.open("rb") as file:
                await obstore.put_async(self._bucket, name, file)
        except BaseError as error:
            # The error's own text is pages long and names the object.
            raise OSError(None, f"the bucket refused it: {type(error).__name__}") from error

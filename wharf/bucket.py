"""The bucket that media are in; needs the extra `s3`."""

from datetime import timedelta

from obstore.exceptions import BaseError
from obstore.store import ObjectStore, S3Store

from wharf.environment import SettingsError
from wharf.media_settings import MEDIA_STORE

# A bucket that does not answer fails one attempt, which is made again later.
PATIENCE = timedelta(seconds=30)


def bucket(url: str) -> ObjectStore:
    """The bucket at s3://NAME/PREFIX.

    Where it is and who we are there come from the usual variables: AWS_ENDPOINT_URL, AWS_REGION,
    AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and so on. Raises SettingsError.
    """
    try:
        return S3Store.from_url(url, retry_config={"max_retries": 3, "retry_timeout": PATIENCE})
    except (BaseError, ValueError) as error:
        raise SettingsError(MEDIA_STORE, "is not the address of a bucket") from error

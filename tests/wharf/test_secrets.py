"""Secrets made for loopback, and refused beyond it."""

import multiprocessing
import stat
from pathlib import Path

import pytest

from wharf.secrets import APP_SECRET_FILE, is_loopback, keep_secret, with_secrets
from wharf.settings import Settings, SettingsError

SECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_these_hosts_are_this_machine_alone(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "wharf.internal", ""])
def test_these_hosts_can_be_reached_from_elsewhere(host: str) -> None:
    assert not is_loopback(host)


def test_on_loopback_missing_secrets_are_made_and_found_again(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")

    first, second = with_secrets(settings), with_secrets(settings)

    assert first == second
    assert len(first.app_secrets[0]) == 64
    assert first.verify_token
    assert first.verify_token not in first.app_secrets


def test_a_generated_secret_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    with_secrets(Settings(data_dir=tmp_path))

    assert stat.S_IMODE((tmp_path / APP_SECRET_FILE).stat().st_mode) == 0o600


def test_secrets_that_were_set_are_kept_and_nothing_is_written(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, app_secrets=(SECRET,), verify_token=SECRET[::-1])

    assert with_secrets(settings) is settings
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        (Settings(host="0.0.0.0"), "WHATSAPP_APP_SECRET"),
        (Settings(host="::", app_secrets=(SECRET,)), "WHATSAPP_WEBHOOK_VERIFY_TOKEN"),
        (Settings(host="wharf.internal", verify_token=SECRET), "WHATSAPP_APP_SECRET"),
    ],
)
def test_beyond_loopback_the_missing_secret_must_be_set(settings: Settings, missing: str) -> None:
    with pytest.raises(SettingsError, match=f"{missing} must be set"):
        with_secrets(settings)


@pytest.mark.slow
def test_starters_at_once_agree_on_one_secret(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secret"
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        found = pool.starmap(keep_secret, [(path, "WHATSAPP_APP_SECRET")] * 16)

    assert set(found) == {path.read_text().strip()}
    assert list(path.parent.iterdir()) == [path]


def test_a_secret_cut_short_on_disk_is_refused_without_showing_it(tmp_path: Path) -> None:
    (tmp_path / APP_SECRET_FILE).write_text("a8f3")

    with pytest.raises(SettingsError, match="WHATSAPP_APP_SECRET is not set, and what") as refusal:
        with_secrets(Settings(data_dir=tmp_path))

    assert "a8f3" not in str(refusal.value)


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be")

    with pytest.raises(SettingsError, match=r"is not set, and .* can't be used"):
        with_secrets(Settings(data_dir=tmp_path / "data"))

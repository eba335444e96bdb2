"""What the command refuses, and how it says so: one line and an exit code."""

import pytest

from tests.system.ledger import SECRET, SETTINGS, TOKEN
from tests.system.service import Place

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("command", ["up", "serve"])
def test_beyond_loopback_nothing_starts_without_secrets(place: Place, command: str) -> None:
    for settings, missing in (
        ({}, "WHATSAPP_APP_SECRET"),
        ({"WHATSAPP_APP_SECRET": SECRET}, "WHATSAPP_WEBHOOK_VERIFY_TOKEN"),
        ({"WHATSAPP_WEBHOOK_VERIFY_TOKEN": TOKEN}, "WHATSAPP_APP_SECRET"),
    ):
        done = place.run(command, WHARF_HOST="0.0.0.0", **settings)

        assert 1 == done.returncode
        assert f"wharf: {missing} must be set, because 0.0.0.0 can be reached" in done.stderr
        assert "Traceback" not in done.stderr
    assert not (place.folder / "data").exists(), "nothing was begun"


@pytest.mark.parametrize("secret", ["", "changeme", "d9e2f", "your-app-secret-here-please"])
def test_a_secret_that_is_none_is_refused_and_not_shown(place: Place, secret: str) -> None:
    done = place.run("up", WHATSAPP_APP_SECRET=secret)

    assert 1 == done.returncode
    assert "wharf: WHATSAPP_APP_SECRET " in done.stderr
    assert not secret or secret not in done.stderr


def test_the_demo_refuses_a_service_whose_secret_was_set(place: Place) -> None:
    """The log would keep it for ever."""
    done = place.run("demo", **SETTINGS)

    assert 1 == done.returncode
    assert "the demo only goes to a service on loopback with a generated" in done.stderr


def test_the_demo_refuses_another_host(place: Place) -> None:
    assert 1 == place.run("demo", WHARF_HOST="203.0.113.7").returncode


def test_the_demo_asks_for_a_service_that_runs(place: Place) -> None:
    done = place.run("demo")

    assert 1 == done.returncode
    assert "start the service first" in done.stderr


def test_health_without_a_service_is_bad_health(place: Place) -> None:
    done = place.run("health")

    assert 1 == done.returncode
    assert f"no answer from {place.url}/readyz" in done.stderr

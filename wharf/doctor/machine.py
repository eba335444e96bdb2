"""The doctor's look at settings, disk, broker and the service itself."""

import os
import shutil
from collections.abc import Iterator

import httpx
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.redis import RedisBroker

from wharf import running
from wharf.broker import make_broker
from wharf.doctor.findings import Finding, note, ok, wrong
from wharf.secrets import is_loopback
from wharf.settings import Settings

FREE_BYTES_MIN = 500 * 1024 * 1024
FREE_PART_MIN = 0.1
ANSWER_S = 5.0


def look_at_machine(settings: Settings) -> Iterator[Finding]:
    yield _secrets(settings)
    yield _token(settings)
    yield _disk(settings)
    yield _broker(settings)
    yield _service(settings)


def _secrets(settings: Settings) -> Finding:
    about = "secrets"
    if settings.app_secrets and settings.verify_token:
        return ok(about, "app secret and verify token are set")
    if is_loopback(settings.host):
        return ok(about, "generated ones serve on loopback; nothing else is listened on")
    return wrong(
        about,
        "beyond loopback the service does not start without them",
        "set WHATSAPP_APP_SECRET and WHATSAPP_WEBHOOK_VERIFY_TOKEN",
    )


def _token(settings: Settings) -> Finding:
    if settings.access_token:
        return ok("access token", "set: media are downloaded")
    return note(
        "access token",
        "not set: messages are stored, their files stay pending and are lost after seven days",
        "set WHATSAPP_ACCESS_TOKEN",
    )


def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK):
        return wrong("disk", f"{folder} can't be written to", f"give it to the user {os.getuid()}")
    usage = shutil.disk_usage(folder)
    told = f"{usage.free / 1024**3:.1f} GiB of {usage.total / 1024**3:.1f} are free at {folder}"
    if usage.free < FREE_BYTES_MIN:
        return wrong("disk", told, "make room: with a full disk webhooks are answered 503")
    if usage.free < FREE_PART_MIN * usage.total:
        return note("disk", told, "make room before it is full")
    return ok("disk", told)


def _broker(settings: Settings) -> Finding:
    if settings.broker_url.startswith("stub:"):
        return ok("broker", "in the process: for one process with web and workers")
    broker = make_broker(settings.broker_url)
    try:
        if isinstance(broker, RabbitmqBroker):
            broker.connection.process_data_events(time_limit=0)
        elif isinstance(broker, RedisBroker):
            broker.client.ping()
    except Exception as error:  # noqa: BLE001 (brokers raise several families)
        return wrong(
            "broker",
            f"it does not answer ({type(error).__name__}): views follow up to a second later",
            "see after the broker at WHARF_BROKER_URL; nothing is lost meanwhile",
        )
    finally:
        broker.close()
    return ok("broker", "it answers")


def _service(settings: Settings) -> Finding:
    url = f"{running.base_url(settings)}/readyz"
    try:
        answer = httpx.get(url, timeout=ANSWER_S, trust_env=False)
    except httpx.TransportError:
        return note(
            "service", f"nobody answers at {url}", "start `wharf up`, or `wharf serve` here"
        )
    if answer.status_code == 200:
        return ok("service", "webhooks are stored and questions answered")
    return wrong("service", f"{url} says {answer.text.strip()}", "see what the database says below")

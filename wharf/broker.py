"""The broker by URL: in this process, RabbitMQ, or Redis. It carries hints and nothing else."""

from typing import Any
from urllib.parse import urlsplit

from dramatiq.broker import Broker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import CurrentMessage, Middleware, ShutdownNotifications

# A silent host blocks a send for a quarter of a minute by default.
_TIMEOUT_S = 2.0


def make_broker(url: str) -> Broker:
    """A broker without retries, results, delays or time limits: those are PostgreSQL's business.

    A batch of the projector must not be interrupted in the middle of a thread, and what fails is
    found again by the sweep.
    """
    middleware: list[Middleware] = [ShutdownNotifications(), CurrentMessage()]
    scheme = urlsplit(url).scheme
    if scheme == "stub":
        return StubBroker(middleware=middleware)
    if scheme in ("amqp", "amqps"):
        return _rabbitmq(url, middleware)
    return _redis(url, middleware)


def _rabbitmq(url: str, middleware: list[Middleware]) -> Broker:
    import pika  # type: ignore[import-untyped]
    from dramatiq.brokers.rabbitmq import RabbitmqBroker

    parameters = pika.URLParameters(url)
    settings: dict[str, Any] = {
        "host": parameters.host,
        "port": parameters.port,
        "virtual_host": parameters.virtual_host,
        "credentials": parameters.credentials,
        "ssl_options": parameters.ssl_options,
        "heartbeat": 30,
        "socket_timeout": _TIMEOUT_S,
        "stack_timeout": _TIMEOUT_S,
        "blocked_connection_timeout": _TIMEOUT_S,
        "connection_attempts": 1,
    }
    # A confirmed send costs an fsync of the broker's disk, and a hint may be lost.
    return RabbitmqBroker(confirm_delivery=False, parameters=[settings], middleware=middleware)


def _redis(url: str, middleware: list[Middleware]) -> Broker:
    import redis
    from dramatiq.brokers.redis import RedisBroker
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    client = redis.Redis.from_url(
        url,
        socket_timeout=_TIMEOUT_S,
        socket_connect_timeout=_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )
    broker: Broker = RedisBroker(client=client, middleware=middleware)  # type: ignore[no-untyped-call]
    return broker

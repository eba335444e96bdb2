"""Secrets for trying Wharf on this machine alone: made once, kept in the data folder."""

import contextlib
import dataclasses
import ipaddress
import os
import secrets
import tempfile
from pathlib import Path

from wharf.environment import SettingsError
from wharf.settings import APP_SECRET, VERIFY_TOKEN, Settings, check_secret

APP_SECRET_FILE = "app_secret"  # noqa: S105 (a file's name, as is the next)
VERIFY_TOKEN_FILE = "verify_token"  # noqa: S105
SECRET_BYTES = 32


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a service that listens on `host`."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        # Any other name is for a resolver to explain, and it may explain it differently tomorrow.
        return False


def with_secrets(settings: Settings) -> Settings:
    """The settings with an app secret and a verify token, made here where none were given.

    Raises SettingsError when one is missing and the service would listen beyond loopback: there
    a deliveries' signature is the only thing that tells Meta from everybody else.
    """
    app_secrets, verify_token = settings.app_secrets, settings.verify_token
    if app_secrets and verify_token:
        return settings
    if not is_loopback(settings.host):
        name = VERIFY_TOKEN if app_secrets else APP_SECRET
        problem = f"must be set, because {settings.host} can be reached from outside this machine"
        raise SettingsError(name, problem)
    return dataclasses.replace(
        settings,
        app_secrets=app_secrets or (keep_secret(app_secret_path(settings.data_dir), APP_SECRET),),
        verify_token=verify_token
        or keep_secret(settings.data_dir / VERIFY_TOKEN_FILE, VERIFY_TOKEN),
    )


def app_secret_path(data_dir: Path) -> Path:
    """Where a generated app secret is kept; `wharf demo` signs with it."""
    return data_dir / APP_SECRET_FILE


def keep_secret(path: Path, name: str) -> str:
    """The secret in `path`, made now if there is none; two starters at once get the same one.

    Raises SettingsError in the name of the variable that would replace it.
    """
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            create(path, secrets.token_hex(SECRET_BYTES))
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        problem = f"is not set, and {path} can't be used instead: {type(error).__name__}"
        raise SettingsError(name, problem) from error
    try:
        return check_secret(name, secret)
    except SettingsError as error:
        problem = f"is not set, and what is in {path} {error.problem}"
        raise SettingsError(name, problem) from None


def create(path: Path, secret: str) -> None:
    """Put the secret at `path` whole or not at all, unless somebody else was first."""
    # mkstemp makes the file 0600, and a link fails where a rename would replace.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{secret}\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
    finally:
        os.unlink(name)

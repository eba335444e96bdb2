"""Where settings come from: the environment, a .env file, and files named by NAME_FILE."""

import difflib
import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from dotenv.parser import parse_stream


class SettingsError(Exception):
    """A setting is missing or wrong: says which and why, and never shows its value."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name} {problem}")
        self.name, self.problem = name, problem


def gather(
    environ: Mapping[str, str],
    env_file: Path | None,
    *,
    names: frozenset[str],
    from_file: frozenset[str],
) -> dict[str, str]:
    """One value for each of `names` that was set, stripped, and read from its file if it has one.

    NAME and NAME_FILE are two spellings of one setting, so either of them in the environment
    beats both of them in the .env file; both in one place is a contradiction. Only the names in
    `from_file` have a NAME_FILE.

    Raises SettingsError when a file can't be read, is no .env file, or both spellings are used.
    """
    values: dict[str, str] = {}
    sources = [environ, read_env_file(env_file) if env_file else {}]
    for name in names:
        pointer = f"{name}_FILE"
        for source in sources:
            if name in from_file and source.get(pointer):
                if source.get(name):
                    raise SettingsError(name, f"and {pointer} are both set; keep one of them")
                values[name] = read_value_file(pointer, Path(source[pointer]))
                break
            if name in source:
                values[name] = source[name].strip()
                break
    return values


def read_env_file(path: Path) -> dict[str, str]:
    """The settings in a .env file; {} when there is none. Values are literal, `$` included."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(str(path), f"can't be read: {reason(error)}") from None
    found: dict[str, str] = {}
    for binding in parse_stream(io.StringIO(text)):
        if binding.error or (binding.key and binding.value is None):
            raise SettingsError(str(path), f"is not NAME=value in line {binding.original.line}")
        if binding.key and binding.value is not None:
            found[binding.key] = binding.value
    return found


def closest(name: str, names: Iterable[str]) -> str | None:
    """The one of `names` that is most like `name`, if one is at all."""
    return next(iter(difflib.get_close_matches(name, sorted(names), 1)), None)


def read_value_file(pointer: str, path: Path) -> str:
    """The text of the file that `pointer` names, without the newline editors put at its end."""
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        problem = f"names a file that can't be read: {reason(error)}"
        raise SettingsError(pointer, problem) from None
    if not value:
        raise SettingsError(pointer, "names a file that is empty")
    return value


def reason(error: OSError | UnicodeDecodeError) -> str:
    """What is wrong with a file, without any of its content."""
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return "it is not UTF-8 text"

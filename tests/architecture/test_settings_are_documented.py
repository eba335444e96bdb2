"""Every setting stands in .env.example, and everything that names one names a real one."""

import re
from pathlib import Path

from ruamel.yaml import YAML

from wharf.settings import FROM_FILE, NAMES, Settings, load_settings

ROOT = Path(__file__).resolve().parents[2]
SPELLINGS = NAMES | {f"{name}_FILE" for name in FROM_FILE}
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")


def test_every_setting_is_in_the_example() -> None:
    assert set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.MULTILINE)) == SPELLINGS


def test_the_example_as_it_stands_sets_nothing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(EXAMPLE)

    assert load_settings({}, tmp_path / ".env") == Settings()


def test_the_example_shows_the_defaults(tmp_path: Path) -> None:
    shown = re.findall(r"^#(WHARF_[A-Z_]+=.+)$", EXAMPLE, re.MULTILINE)
    (tmp_path / ".env").write_text("\n".join(shown))

    assert len(shown) == 8
    assert load_settings({}, tmp_path / ".env") == Settings()


def test_compose_sets_only_settings_that_exist() -> None:
    services = YAML(typ="safe").load(ROOT / "compose.yaml")["services"]

    assert set(services["web"]["environment"]) <= SPELLINGS


def test_the_image_sets_only_settings_that_exist() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")

    assert set(re.findall(r"\b(WHARF_[A-Z_]+)=", dockerfile)) <= SPELLINGS

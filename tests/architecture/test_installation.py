"""What is handed out: the wheel, and the services of compose.yaml."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
SERVICES = YAML(typ="safe").load(ROOT / "compose.yaml")["services"]
OURS = ("schema", "web", "worker")


def check_compose(path: Path) -> int:
    command = Path(sys.executable).with_name("check-jsonschema")
    schema = ["--builtin-schema", "vendor.compose-spec"]
    return subprocess.run(
        [str(command), *schema, str(path)], check=False, capture_output=True
    ).returncode


@pytest.mark.slow
def test_compose_is_what_the_specification_allows() -> None:
    assert check_compose(ROOT / "compose.yaml") == 0


@pytest.mark.slow
def test_a_misspelt_key_in_compose_is_caught(tmp_path: Path) -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    (tmp_path / "compose.yaml").write_text(text.replace("read_only:", "readonly:", 1))

    assert check_compose(tmp_path / "compose.yaml") == 1


@pytest.mark.parametrize("name", OURS)
def test_our_services_run_with_nothing_they_do_not_need(name: str) -> None:
    service = SERVICES[name]

    assert service["user"] == "10001:10001"
    assert service["read_only"] is True
    assert service["init"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_is_published_beyond_this_machine(name: str) -> None:
    ports = SERVICES[name].get("ports", [])

    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_stands_in_the_environment_of_a_service(name: str) -> None:
    environment = SERVICES[name].get("environment", {})
    secret_words = ("SECRET", "TOKEN", "PASSWORD", "URL")

    assert [] == [
        key
        for key in environment
        if any(word in key for word in secret_words) and not key.endswith("_FILE")
    ]


@pytest.mark.slow
def test_the_wheel_brings_the_schema_and_no_tests(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    with ZipFile(next(tmp_path.glob("wharf-*.whl"))) as wheel:
        names = wheel.namelist()
        schema = wheel.read("wharf/schema.sql")

    assert schema == (ROOT / "schema.sql").read_bytes()
    assert "wharf/openapi/examples.json" in names
    assert "read_api/pages/static/vendor/swagger-ui.js" in names
    assert {"events", "projections", "read_api", "wharf", "write_side"} == {
        name.split("/")[0] for name in names if ".dist-info/" not in name
    }

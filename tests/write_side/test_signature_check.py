"""Checking every stored signature again."""

import json
from collections.abc import Sequence

import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg.conninfo import conninfo_to_dict

from events.database import connect
from tests.write_side.posting import Store, client_for, delivery, post
from wharf.cli import wharf
from write_side import signature_check
from write_side.signature import app_secrets
from write_side.signature_check import Checked, OfSecret, check_signatures

OLD, NEW = "the-old-secret-of-the-app", "the-new-secret-of-the-app"
OLD_PRINT, NEW_PRINT = (secret.fingerprint for secret in app_secrets([OLD, NEW]))


@pytest.fixture
async def five(store: Store) -> Store:
    """Two signed with the old secret, one rubbish among them, and three with the new one."""
    async with client_for(store.url, secrets=[OLD, NEW]) as client:
        for body, secret in [
            (delivery(), OLD),
            (b"\xff rubbish", OLD),
            ("caf\\u00e9 \\/ é".encode(), NEW),
            (delivery(), NEW),
            (delivery(), NEW),
        ]:
            assert 200 == (await post(client, body, secret)).status_code
    return store


def check(store: Store, secrets: Sequence[str] = (OLD, NEW)) -> Checked:
    with connect(store.url, "wharf_write") as conn:
        return check_signatures(conn, app_secrets(secrets))


def tamper(store: Store, change: str) -> None:
    """Only a superuser can, and only by taking the trigger away."""
    with psycopg.connect(store.url) as conn:
        conn.execute("alter table log.deliveries disable trigger deliveries_are_append_only")
        conn.execute(f"update log.deliveries set {change}".encode())


def test_every_delivery_is_right_under_the_secret_that_signed_it(five: Store) -> None:
    checked = check(five)

    assert {OLD_PRINT: OfSecret(right=2), NEW_PRINT: OfSecret(right=3)} == checked.secrets
    assert (0, [], 5) == (checked.failed, checked.wrong, checked.up_to)


def test_what_a_secret_signed_that_is_not_set_any_more_is_said_to_be_unchecked(
    five: Store,
) -> None:
    checked = check(five, [NEW])

    assert {OLD_PRINT: OfSecret(unchecked=2), NEW_PRINT: OfSecret(right=3)} == checked.secrets
    assert 0 == checked.failed


@pytest.mark.parametrize(
    "change",
    [
        "body = body || ' ' where id = 4",
        "signature = 'sha256=' || repeat('0', 64) where id = 4",
        "signature = '' where id = 4",
        "sha256 = sha256(body || ' ') where id = 4",
        "body = body || ' ', sha256 = sha256(body || ' ') where id = 4",
        f"secret = '{OLD_PRINT}' where id = 4",
    ],
)
def test_a_changed_byte_is_found(five: Store, change: str) -> None:
    tamper(five, change)

    checked = check(five)

    assert (1, [4]) == (checked.failed, checked.wrong)


def test_a_changed_body_is_found_without_its_secret(five: Store) -> None:
    tamper(five, "body = body || ' ' where id = 1")

    assert [1] == check(five, [NEW]).wrong


def test_bodies_are_read_piece_by_piece(five: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signature_check, "PIECE", 2)
    seen: list[int] = []
    with connect(five.url, "wharf_write") as conn:
        checked = check_signatures(
            conn, app_secrets([OLD, NEW]), lambda checked: seen.append(checked.up_to)
        )

    assert [2, 4, 5] == seen
    assert 5 == sum(each.right for each in checked.secrets.values())


def test_the_command_ends_with_0_where_all_is_right(five: Store) -> None:
    result = run(five, f"{OLD},{NEW}")

    assert 0 == result.exit_code
    assert f"secret {OLD_PRINT}: 2 right, 0 wrong" in result.stdout
    assert f"secret {NEW_PRINT}: 3 right, 0 wrong" in result.stdout


def test_the_command_ends_with_1_and_names_what_is_wrong(five: Store) -> None:
    tamper(five, "body = body || ' ' where id = 4")

    result = run(five, NEW)

    assert 1 == result.exit_code
    assert "2 not checked, for this secret is not set any more" in result.stdout
    assert "delivery 4 is wrong" in result.stdout


def test_the_command_answers_programs_with_json(five: Store) -> None:
    result = run(five, NEW, "--json")

    assert {
        "secrets": {
            OLD_PRINT: {"right": 0, "wrong": 0, "unchecked": 2},
            NEW_PRINT: {"right": 3, "wrong": 0, "unchecked": 0},
        },
        "wrong": [],
        "up_to": 5,
    } == json.loads(result.stdout)


def test_an_empty_log_has_nothing_wrong(store: Store) -> None:
    result = run(store, NEW)

    assert (0, "nothing was delivered yet\n") == (result.exit_code, result.stdout)


def run(store: Store, secrets: str, *more: str) -> Result:
    at = conninfo_to_dict(store.url)
    url = f"postgresql://{at['user']}@/{at['dbname']}?host={at['host']}&port={at['port']}"
    environment = {
        "DATABASE_URL": url,
        "WHATSAPP_APP_SECRET": secrets,
        "WHATSAPP_WEBHOOK_VERIFY_TOKEN": "the-token-of-the-handshake",
    }
    return CliRunner(env=environment).invoke(wharf, ["verify", "signatures", *more])

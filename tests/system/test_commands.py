"""The command line beside a running service."""

import json
import re
from collections.abc import Iterator

import httpx
import psycopg
import pytest

from tests.system.service import Place, caught_up, eventually
from wharf.postgres.supervisor import EmbeddedPostgres

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One that runs, with the demo's day in it."""
    place = Place(tmp_path_factory.mktemp("place"))
    place.up()
    done = place.run("demo")
    assert 0 == done.returncode, done.stderr
    assert "answered" in done.stdout
    assert "/api/whatsapp/conversations/" in done.stdout
    with EmbeddedPostgres(place.folder / "data" / "postgres") as url:
        eventually(lambda: caught_up(url), "the view")
    yield place
    place.end()


def test_up_says_where_to_look(place: Place) -> None:
    said = place.running[0].said()

    assert f"{place.url}/api/whatsapp/webhook/" in said
    assert (place.folder / "data" / "app_secret").read_text().strip() in said
    assert (place.folder / "data" / "verify_token").read_text().strip() in said
    assert "./dev wharf demo" in said


def test_no_customer_and_no_secret_is_in_what_it_says_later(place: Place) -> None:
    _, later = place.running[0].said().split("how far it is", 1)

    for secret in ("app_secret", "verify_token"):
        assert (place.folder / "data" / secret).read_text().strip() not in later
    assert "wamid" not in later
    assert "Mei" not in later


def test_a_key_is_made_listed_used_and_revoked(place: Place) -> None:
    key = place.says("keys", "create", "--name", "reports", "--scopes", "messages:read, stats:read")
    url = f"{place.url}/api/whatsapp/messages/"
    headers = {"X-Api-Key": key["key"]}
    assert {"id", "name", "scopes", "key"} <= set(key)
    assert ("reports", ["messages:read", "stats:read"]) == (key["name"], sorted(key["scopes"]))
    assert 200 == httpx.get(url, headers=headers, trust_env=False).status_code

    listed = {each["id"]: each for each in place.says("keys", "list")}
    assert listed[key["id"]]["revoked_at"] is None
    assert key["key"] not in json.dumps(listed)
    assert "reports" in place.run("keys", "list").stdout

    assert 0 == place.run("keys", "revoke", key["id"]).returncode
    assert {each["id"]: each for each in place.says("keys", "list")}[key["id"]]["revoked_at"]
    eventually(
        lambda: httpx.get(url, headers=headers, trust_env=False).status_code == 401, "revocation"
    )
    again = place.run("keys", "revoke", key["id"])
    assert (1, "Traceback" in again.stderr) == (again.returncode, False)


def test_the_person_at_this_machine_signs_in_by_the_link_that_up_prints(place: Place) -> None:
    link = re.search(r"sign in +(\S+/sign-in\?token=(\S+))", place.running[0].said())
    assert link is not None
    with httpx.Client(base_url=place.url, trust_env=False) as client:
        assert "local" in client.get(link[1]).text
        entered = client.post("/sign-in", data={"token": link[2]})
        me = client.get("/api/whatsapp/session/").json()

    assert 303 == entered.status_code
    assert {"name": "local", "role": "admin"} == me["user"]


def test_a_user_is_added_signs_in_and_is_removed(place: Place) -> None:
    added = place.says("users", "add", "ana", "--role", "agent")
    assert ("ana", True) == (added["name"], added["link"].startswith(f"{place.url}/sign-in?"))
    with httpx.Client(base_url=place.url, trust_env=False) as client:
        data = {"token": added["link"].partition("token=")[2]}
        assert 303 == client.post("/sign-in", data=data).status_code
        assert 200 == client.get("/api/whatsapp/conversations/").status_code
        assert 403 == client.get("/api/whatsapp/handshakes/").status_code

        assert 0 == place.run("users", "role", "ana", "admin").returncode
        eventually(lambda: client.get("/api/whatsapp/handshakes/").status_code == 200, "the role")
        assert 0 == place.run("users", "remove", "ana").returncode
        eventually(lambda: client.get("/api/whatsapp/conversations/").status_code == 401, "removal")

    listed = {user["name"]: user for user in place.says("users", "list")}
    assert ("admin", True) == (listed["ana"]["role"], listed["ana"]["removed_at"] is not None)
    assert "ana" in place.run("users", "list").stdout
    for command in (["add", "Ana", "--role", "agent"], ["link", "ana"], ["remove", "nobody"]):
        done = place.run("users", *command)
        assert (1, False) == (done.returncode, "Traceback" in done.stderr)
    assert "/sign-in?token=" in place.run("users", "add", "ana", "--role", "agent").stdout
    assert "/sign-in?token=" in place.run("users", "link", "ana").stdout


def test_a_scope_that_nobody_knows_is_refused(place: Place) -> None:
    done = place.run("keys", "create", "--name", "x", "--scopes", "messages:reed")

    assert 1 == done.returncode
    assert "messages:reed" in done.stderr


def test_status_shows_position_head_and_lag(place: Place) -> None:
    views = {each["view"]: each for each in place.says("projections", "status")}
    inbox, media = views["inbox"], views["media"]

    assert {"inbox", "media", "search", "stats"} == set(views)
    assert ("inbox", 1, True, "ready") == tuple(
        inbox[name] for name in ("view", "version", "active", "state")
    )
    assert ("media", 1, True) == (media["view"], media["version"], media["active"])
    assert inbox["position"] == inbox["head"] > 0
    assert (0, 0.0) == (inbox["lag_events"], inbox["lag_s"])
    assert "inbox" in place.run("projections", "status").stdout


def test_health_is_good_for_web_and_worker(place: Place) -> None:
    web, worker = place.run("health"), place.run("health", "--worker")

    assert (0, 0) == (web.returncode, worker.returncode)
    assert {"intake": "ready", "reads": "ready"} == json.loads(web.stdout)


@pytest.mark.parametrize("command", ["up", "serve"])
def test_a_second_service_on_the_same_port_says_why_it_can_not(place: Place, command: str) -> None:
    link = place.run("users", "link", "local").stdout.split()[0]

    done = place.run(command)

    assert 1 == done.returncode
    (told,) = done.stderr.splitlines()
    assert told.startswith("wharf: WHARF_HOST with WHARF_PORT can't be had")
    assert told.endswith("already in use")
    assert "" == done.stdout
    assert 200 == httpx.get(link, trust_env=False).status_code, "the first one's link is still good"
    assert 0 == place.run("health").returncode, "and the first one goes on"


def test_schema_apply_changes_nothing_the_second_time(place: Place) -> None:
    done = place.run("schema", "apply")

    assert (0, "the schema is up to date\n") == (done.returncode, done.stdout)


def test_rebuild_and_verify_beside_the_running_service(place: Place) -> None:
    rebuilt = place.run("projections", "rebuild", "inbox")
    assert 0 == rebuilt.returncode, rebuilt.stderr
    assert "inbox version 2 answers now" in rebuilt.stdout

    verified = place.run("projections", "verify", "inbox")
    assert 0 == verified.returncode, verified.stdout
    assert "inbox is what the log says" in verified.stdout


def test_verify_fails_when_a_row_is_not_what_the_log_says(place: Place) -> None:
    with (
        EmbeddedPostgres(place.folder / "data" / "postgres") as url,
        psycopg.connect(url, autocommit=True) as conn,
    ):
        found = conn.execute(
            "select schema_name from read.active join read.versions using (view, version)"
            " where view = 'inbox'"
        ).fetchone()
        assert found is not None
        damage = "set contact_name = 'Nobody' where id = (select min(id) from conversations)"
        conn.execute("select set_config('search_path', %s, false)", found)
        conn.execute(f"update conversations {damage}".encode())

    done = place.run("projections", "verify", "inbox")

    assert 1 == done.returncode
    assert "contact_name: live 'Nobody'" in done.stdout
    assert "1 rows of inbox are not what the log says" in done.stderr

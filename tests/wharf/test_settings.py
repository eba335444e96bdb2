"""What an operator may set, and what is refused."""

from pathlib import Path

import pytest

from wharf.settings import Settings, SettingsError, load_settings, misspelt

SECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
OTHER = "a9b8c7d6e5f40312233445566778899a"


def test_nothing_set_gives_the_defaults_for_one_machine() -> None:
    assert load_settings({}, None) == Settings(
        app_secrets=(),
        verify_token=None,
        access_token=None,
        database_url=None,
        data_dir=Path("data"),
        host="127.0.0.1",
        port=8000,
        broker_url="stub://",
    )


def test_every_name_is_read_from_the_environment() -> None:
    settings = load_settings(
        {
            "WHATSAPP_APP_SECRET": f"{SECRET}, {OTHER}",
            "WHATSAPP_WEBHOOK_VERIFY_TOKEN": SECRET[::-1],
            "WHATSAPP_ACCESS_TOKEN": OTHER[::-1],
            "DATABASE_URL": "postgresql://a:1,b:2/wharf?target_session_attrs=read-write",
            "WHARF_DATA_DIR": "/srv/wharf",
            "WHARF_HOST": "[::1]",
            "WHARF_PORT": "9000",
            "WHARF_BROKER_URL": "amqp://guest@localhost:5672/",
        },
        None,
    )

    assert settings == Settings(
        app_secrets=(SECRET, OTHER),
        verify_token=SECRET[::-1],
        access_token=OTHER[::-1],
        database_url="postgresql://a:1,b:2/wharf?target_session_attrs=read-write",
        data_dir=Path("/srv/wharf"),
        host="::1",
        port=9000,
        broker_url="amqp://guest@localhost:5672/",
    )


def test_the_environment_beats_the_env_file_name_by_name(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text(
        f"# a comment\nexport WHARF_PORT=9001\nWHARF_HOST='127.0.0.2'\n"
        f'WHATSAPP_APP_SECRET="{SECRET}$HOME"\n'
    )

    settings = load_settings({"WHARF_PORT": "9002"}, env_file)

    assert (9002, "127.0.0.2") == (settings.port, settings.host)
    assert (f"{SECRET}$HOME",) == settings.app_secrets


def test_an_env_file_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    assert Settings() == load_settings({}, tmp_path / ".env")


def test_a_line_that_is_no_setting_is_named_by_its_number(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("WHARF_PORT=9001\nWHARF_HOST 127.0.0.1\n")

    with pytest.raises(SettingsError, match=r"\.env is not NAME=value in line 2"):
        load_settings({}, env_file)


@pytest.mark.parametrize("name", ["WHATSAPP_APP_SECRET", "WHATSAPP_ACCESS_TOKEN"])
def test_a_secret_comes_from_the_file_that_is_named_for_it(tmp_path: Path, name: str) -> None:
    secret_file = tmp_path / "secret"
    secret_file.write_text(f"{SECRET}\n")

    settings = load_settings({f"{name}_FILE": str(secret_file)}, None)

    assert SECRET in (settings.access_token, *settings.app_secrets)


def test_the_database_url_may_come_from_a_file_too(tmp_path: Path) -> None:
    url_file = tmp_path / "url"
    url_file.write_text("postgresql://wharf:pw@db/wharf\n")

    settings = load_settings({"DATABASE_URL_FILE": str(url_file)}, None)

    assert settings.database_url == "postgresql://wharf:pw@db/wharf"


def test_a_secret_file_in_the_environment_beats_the_secret_in_the_env_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / ".env").write_text(f"WHATSAPP_APP_SECRET={OTHER}\n")

    settings = load_settings(
        {"WHATSAPP_APP_SECRET_FILE": str(tmp_path / "secret")}, tmp_path / ".env"
    )

    assert settings.app_secrets == (SECRET,)


def test_a_secret_and_its_file_together_are_a_contradiction(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    environ = {
        "WHATSAPP_APP_SECRET": SECRET,
        "WHATSAPP_APP_SECRET_FILE": str(tmp_path / "secret"),
    }

    with pytest.raises(SettingsError, match="WHATSAPP_APP_SECRET and WHATSAPP_APP_SECRET_FILE"):
        load_settings(environ, None)


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\xfa"])
def test_a_secret_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes | None) -> None:
    secret_file = tmp_path / "secret"
    if content is not None:
        secret_file.write_bytes(content)

    with pytest.raises(SettingsError, match="WHATSAPP_ACCESS_TOKEN_FILE names a file that"):
        load_settings({"WHATSAPP_ACCESS_TOKEN_FILE": str(secret_file)}, None)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("WHATSAPP_APP_SECRET", "", "is set but empty"),
        ("WHATSAPP_APP_SECRET", "  ", "is set but empty"),
        ("WHATSAPP_APP_SECRET", f"{SECRET},", "empty secret between"),
        ("WHATSAPP_APP_SECRET", f"{SECRET},short", "is shorter than 16"),
        ("WHATSAPP_APP_SECRET", "ChangeMe-ChangeMe-ChangeMe", "is a well-known default"),
        ("WHATSAPP_APP_SECRET", "your_app_secret_goes_here", "is a well-known default"),
        ("WHATSAPP_APP_SECRET", "0" * 32, "repeats a few characters"),
        ("WHATSAPP_APP_SECRET", f'"{SECRET}"', "is wrapped in quotation marks"),
        ("WHATSAPP_APP_SECRET", f"{SECRET}\n{OTHER}", "has a space or a line break"),
        ("WHATSAPP_WEBHOOK_VERIFY_TOKEN", "fifteen-chars-0", "is shorter than 16"),
        ("WHATSAPP_ACCESS_TOKEN", "", "is set but empty"),
        ("WHARF_PORT", "0", "is not a port"),
        ("WHARF_PORT", "65536", "is not a port"),
        ("WHARF_PORT", "80_00", "is not a port"),
        ("WHARF_PORT", "٨٠", "is not a port"),
        ("WHARF_HOST", "127.0.0.1:8000", "is not a host name"),
        ("WHARF_HOST", "http://localhost", "is not a host name"),
        ("DATABASE_URL", "mysql://root@db/wharf", "does not begin with one of postgresql://"),
        ("DATABASE_URL", "host=db password=pw-of-db", "does not begin with one of postgresql://"),
        ("DATABASE_URL", "postgresql://[::1/wharf", "is not a URL"),
        ("WHARF_BROKER_URL", "sqs://queue", "does not begin with one of stub://"),
    ],
)
def test_a_wrong_value_is_refused_by_name_and_never_shown(
    name: str, value: str, problem: str
) -> None:
    with pytest.raises(SettingsError, match=problem) as refusal:
        load_settings({name: value}, None)

    assert refusal.value.name == name
    if len(value.strip()) > 2:
        assert value not in str(refusal.value)


def test_an_empty_database_url_means_the_embedded_server() -> None:
    assert load_settings({"DATABASE_URL": ""}, None).database_url is None


def test_nothing_that_can_hold_a_password_is_in_the_repr() -> None:
    settings = Settings(
        app_secrets=(SECRET,),
        verify_token=SECRET,
        access_token=SECRET,
        database_url=f"postgresql://wharf:{SECRET}@db/wharf",
        broker_url=f"amqp://wharf:{SECRET}@mq/",
    )

    assert SECRET not in repr(settings)


def test_the_graph_api_and_its_files_can_be_set() -> None:
    settings = load_settings(
        {
            "WHATSAPP_GRAPH_URL": "http://127.0.0.1:9000",
            "WHATSAPP_GRAPH_VERSION": "v99.0",
            "WHARF_MEDIA_HOSTS": "cdn.example.org, MMG.whatsapp.net",
            "WHARF_MEDIA_BYTES_MAX": "16000000",
        },
        None,
    )

    assert ("http://127.0.0.1:9000", "v99.0", 16_000_000) == (
        settings.graph_url,
        settings.graph_version,
        settings.media_bytes_max,
    )
    assert ("cdn.example.org", "mmg.whatsapp.net") == settings.media_hosts


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("WHATSAPP_GRAPH_URL", "http://graph.facebook.com"),
        ("WHATSAPP_GRAPH_URL", "graph.facebook.com"),
        ("WHATSAPP_GRAPH_URL", "https://user:word@graph.facebook.com"),
        ("WHATSAPP_GRAPH_URL", "https://graph.facebook.com/?x=1"),
        ("WHATSAPP_GRAPH_URL", "https://["),
        ("WHATSAPP_GRAPH_VERSION", "24"),
        ("WHATSAPP_GRAPH_VERSION", "v24.0/../me"),
        ("WHARF_MEDIA_HOSTS", "*.fbsbx.com"),
        ("WHARF_MEDIA_HOSTS", "cdn.example.org:8443"),
        ("WHARF_MEDIA_HOSTS", "https://cdn.example.org"),
        ("WHARF_MEDIA_HOSTS", "cdn.example.org,"),
        ("WHARF_MEDIA_HOSTS", "localhost"),
        ("WHARF_MEDIA_HOSTS", "127.0.0.1"),
        ("WHARF_MEDIA_BYTES_MAX", "0"),
        ("WHARF_MEDIA_BYTES_MAX", "100 MB"),
    ],
)
def test_the_token_can_be_sent_nowhere_by_mistake(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load_settings({name: text}, None)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://Wharf.Example.org", "https://wharf.example.org"),
        ("https://wharf.example.org:443/", "https://wharf.example.org"),
        ("http://10.0.0.7:8000", "http://10.0.0.7:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("", None),
    ],
)
def test_the_public_address_is_kept_as_browsers_write_it(given: str, kept: str | None) -> None:
    assert kept == load_settings({"WHARF_PUBLIC_URL": given}, None).public_url


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WHARF_PUBLIC_URL", "wharf.example.org"),
        ("WHARF_PUBLIC_URL", "ftp://wharf.example.org"),
        ("WHARF_PUBLIC_URL", "https://"),
        ("WHARF_PUBLIC_URL", "https://wharf.example.org/inbox"),
        ("WHARF_PUBLIC_URL", "https://wharf.example.org?a=b"),
        ("WHARF_PUBLIC_URL", "https://user:pw@wharf.example.org"),
        ("WHARF_PUBLIC_URL", "https://wharf.example.org:port"),
        ("WHARF_TRUSTED_PROXIES", "the proxy"),
        ("WHARF_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("WHARF_TRUSTED_PROXIES", "10.0.0.1,,"),
        ("WHARF_RATE_LIMIT", "-1"),
        ("WHARF_RATE_LIMIT", "many"),
        ("WHARF_RATE_LIMIT", "٣"),
    ],
)
def test_who_comes_in_is_set_clearly_or_not_at_all(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load_settings({name: value}, None)


def test_proxies_and_limits_are_read() -> None:
    settings = load_settings(
        {"WHARF_TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.7", "WHARF_RATE_LIMIT": "0"}, None
    )

    assert (("10.0.0.0/8", "192.0.2.7/32"), 0) == (settings.trusted_proxies, settings.rate_limit)


def test_a_misspelt_setting_is_noticed(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("WHARF_PROT=9000\nSOMETHING_ELSE=1\n")
    environ = {
        "WHARF_DATADIR": "x", "wharf_port": "1", "WHARF_UNLIKE_ANY_OF_THEM": "", "WHARF_PORT": "9",
        "WHARF_BROKER_URL_FILE": "/x", "WHARF_PORT_FILE": "/x", "PATH": "/bin",
        "WHATSAPP_VERIFY_TOKEN": SECRET, "WHATSAPP_APP_SECRET": SECRET,
    }  # fmt: skip

    assert {
        "WHARF_DATADIR": "WHARF_DATA_DIR",
        "WHARF_PORT_FILE": "WHARF_PORT",
        "WHARF_PROT": "WHARF_PORT",
        "WHARF_UNLIKE_ANY_OF_THEM": None,
        "WHATSAPP_VERIFY_TOKEN": "WHATSAPP_WEBHOOK_VERIFY_TOKEN",
        "wharf_port": "WHARF_PORT",
    } == misspelt(environ, tmp_path / ".env")


def test_a_pooler_is_signed_in_to_as_our_own_roles() -> None:
    pooler = "postgresql://:secret@pool:6432/wharf"

    settings = load_settings(
        {"DATABASE_URL": "postgresql://db/x", "WHARF_POOLER_URL": pooler}, None
    )

    assert pooler == settings.pooler_url
    assert "secret" not in repr(settings)


@pytest.mark.parametrize(
    ("pooler", "problem"),
    [
        ("http://pool/wharf", "does not begin with"),
        ("postgresql://[pool/wharf", "is not a URL"),
        ("postgresql://ana@pool/wharf", "names a user"),
        ("postgresql://pool/wharf?options=-crole%3Dx", "has options"),
        ("postgresql://pool/wharf", "needs DATABASE_URL"),
    ],
)
def test_a_pooler_that_can_not_be_used_is_refused(pooler: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        load_settings({"WHARF_POOLER_URL": pooler}, None)

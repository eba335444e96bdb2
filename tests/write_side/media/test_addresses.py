"""Whom the access token may be sent to."""

import pytest

from write_side.media.addresses import Addresses

META = Addresses("https://graph.facebook.com", "v24.0", ["mmg.whatsapp.net"])

ALLOWED = [
    "https://graph.facebook.com/v24.0/1",
    "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&ext=2&hash=x%2Fy",
    "https://LOOKASIDE.fbsbx.com/x",
    "https://lookaside.fbsbx.com:443/x",
    "https://mmg.whatsapp.net/x",
]
REFUSED = [
    "http://lookaside.fbsbx.com/x",
    "https://lookaside.fbsbx.com:8443/x",
    "https://lookaside.fbsbx.com@evil.example/x",
    "https://user@lookaside.fbsbx.com/x",
    "https://user:word@lookaside.fbsbx.com/x",
    "https://lookaside.fbsbx.com.evil.example/x",
    "https://evil-lookaside.fbsbx.com/x",
    "https://x.lookaside.fbsbx.com/x",
    "https://lookaside.fbsbx.com./x",
    "https://fbsbx.com/x",
    "https://evil.example/lookaside.fbsbx.com",
    "https://evil.example#lookaside.fbsbx.com",
    "https://evil.example\\@lookaside.fbsbx.com/x",
    "https://lookaside.fbsbx.com\\.evil.example/x",
    "https://lookaside.fbsbx.com\t.evil.example/x",
    "https://lookaside.fbsbx.com\n/x",
    "https://lookaside。fbsbx。com/x",
    "https://ⓛookaside.fbsbx.com/x",
    "https://127.0.0.1/x",
    "http://127.0.0.1/x",
    "https://localhost/x",
    "https://169.254.169.254/latest/meta-data/",
    "https://[::1]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://2130706433/x",
    "https://0x7f000001/x",
    "https://0177.0.0.1/x",
    "file:///etc/passwd",
    "ftp://lookaside.fbsbx.com/x",
    "gopher://lookaside.fbsbx.com/x",
    "//lookaside.fbsbx.com/x",
    "lookaside.fbsbx.com/x",
    "https:lookaside.fbsbx.com",
    "https:///x",
    "https://[lookaside.fbsbx.com/x",
    "https://lookaside.fbsbx.com:0443x/x",
    "",
    None,
    7,
]


@pytest.mark.parametrize("url", ALLOWED)
def test_metas_hosts_and_the_configured_ones_are_allowed(url: str) -> None:
    assert META.checked(url) is not None


@pytest.mark.parametrize("url", REFUSED)
def test_nothing_else_is(url: object) -> None:
    assert META.checked(url) is None


@pytest.mark.parametrize("base", ["http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9"])
def test_only_the_very_server_on_loopback_is_reached_without_tls(base: str) -> None:
    local = Addresses(base, "v24.0")

    assert local.checked(f"{base}/file") is not None
    assert local.checked("http://127.0.0.1:10/file") is None
    assert local.checked("http://lookaside.fbsbx.com/file") is None


@pytest.mark.parametrize(
    "base",
    [
        "http://graph.facebook.com",
        "http://10.0.0.1",
        "http://127.0.0.1.evil.example",
        "ftp://127.0.0.1",
        "https://user@graph.facebook.com",
        "https://",
    ],
)
def test_a_graph_api_beyond_loopback_is_reached_over_tls(base: str) -> None:
    with pytest.raises(ValueError, match="https"):
        Addresses(base, "v24.0")


def test_a_media_id_is_looked_up_below_the_version() -> None:
    assert "https://graph.facebook.com/v24.0/123" == str(META.lookup("123"))

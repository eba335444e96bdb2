"""What pages say of the tables they come from."""

import pytest

from read_api.pages.rendering import ENVIRONMENT


def said(scopes: tuple[str, ...] = (), **context: object) -> str:
    nothing: dict[str, object] = {"behind_seconds": None, "paused": [], "rebuilding": []}
    return ENVIRONMENT.get_template("_view_bars.html").render(
        {**nothing, "scopes": scopes, **context}
    )


def test_nothing_is_said_when_all_is_well() -> None:
    assert "" == said().strip()


@pytest.mark.parametrize(("scopes", "led"), [((), False), (("events:read",), True)])
def test_who_may_look_is_led_to_what_keeps_the_tables(scopes: tuple[str, ...], led: bool) -> None:
    page = said(scopes, behind_seconds=72.4)

    assert "is 1 min 12 s behind" in page
    assert led == ('href="/ops"' in page)


def test_who_holds_a_view_is_said_with_what_it_comes_to() -> None:
    assert "behind what has arrived: inbox is paused." in said(behind_seconds=9, paused=["inbox"])


def test_a_rebuild_is_told_with_what_is_shown_meanwhile() -> None:
    inbox = {"name": "inbox", "version": 6, "rebuild": {"version": 7, "percent": 62}}

    assert "Showing version 6 of inbox; version 7 is at 62 %." in said(rebuilding=[inbox])

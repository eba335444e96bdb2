"""Pages as a test sees them: tags with their attributes, and the text between."""

from html.parser import HTMLParser

import httpx
from typing_extensions import override


class Seen(HTMLParser):
    """A page, taken apart."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    @override
    def handle_data(self, data: str) -> None:
        self.text += data

    def having(self, attribute: str, value: str) -> list[dict[str, str | None]]:
        return [attrs for _, attrs in self.tags if attrs.get(attribute) == value]

    def links(self) -> list[str]:
        return [attrs.get("href") or "" for tag, attrs in self.tags if tag == "a"]


async def seen(browser: httpx.AsyncClient, path: str, status: int = 200) -> Seen:
    answer = await browser.get(path)
    assert status == answer.status_code, answer.text
    return Seen(answer.text)


def nothing_acts(page: Seen) -> None:
    """No tag or attribute of somebody else's could do anything."""
    assert {"script"} >= {tag for tag, _ in page.tags if tag in ("script", "hx-partial", "iframe")}
    assert all("src" in attrs for tag, attrs in page.tags if tag == "script")
    for _, attrs in page.tags:
        assert not [key for key in attrs if key.startswith("on") or key == "style"]
        assert not (attrs.get("href") or "").startswith(("javascript:", "data:"))

"""The help says the keys that there are, and no others."""

import re
from pathlib import Path

from read_api.pages import rendering, static

DOCUMENT = Path(__file__).parents[3] / "docs" / "pages.md"


def test_help_and_document_name_the_keys_that_work() -> None:
    script = (static.FOLDER / "app.js").read_text()
    help_text, _, _ = rendering.ENVIRONMENT.loader.get_source(  # type: ignore[union-attr]
        rendering.ENVIRONMENT, "_keyboard.html"
    )
    table = DOCUMENT.read_text().partition("| keys | |")[2].partition("\n\n")[0]

    working = set(re.findall(r"Key([A-Z]): ", script))

    assert {"J", "K", "R", "U", "E", "P"} == working
    assert working == set(re.findall(r"<kbd>Alt</kbd> <kbd>([A-Z])</kbd>", help_text))
    assert working == set(re.findall(r"Alt\+([A-Z])", table))

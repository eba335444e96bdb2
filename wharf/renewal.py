"""After an upgrade: the views that this release knows otherwise are built anew."""

import logging
import threading

from events.database import connect
from projections import versions
from projections.catalogue import VIEWS
from projections.rebuild import rebuild
from projections.view import View

logger = logging.getLogger(__name__)


def outdated(url: str) -> list[View]:
    """The views whose active version was made by another release."""
    with connect(url, "wharf_project") as conn:
        active = [versions.active(conn, name) for name in VIEWS]
    return [
        view
        for view, version in zip(VIEWS.values(), active, strict=True)
        if version is None or version.definition != view.definition
    ]


class Renewal:
    """Rebuilds them in a thread, going on where the last start was interrupted.

    Deliveries are taken meanwhile; questions to these views are answered 503 until it is done. It
    ends with the process: the next start goes on.
    """

    def __init__(self, url: str, views: list[View]) -> None:
        self._url, self._views = url, views
        self._thread = threading.Thread(target=self._run, name="renewal", daemon=True)

    def start(self) -> None:
        if self._views:
            self._thread.start()

    def _run(self) -> None:
        for view in self._views:
            try:
                logger.info("a view is built anew for this release", extra={"view": view.name})
                rebuild(self._url, view, resume=True)
                logger.info("the view answers", extra={"view": view.name})
            except Exception:
                # Views of other packages are code of others: whatever it is, the next one goes on.
                logger.exception("not built: wharf projections rebuild", extra={"view": view.name})

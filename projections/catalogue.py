"""All views there are, by name: ours, and those that installed packages register."""

from importlib.metadata import entry_points

from projections.inbox.view import INBOX
from projections.media.view import MEDIA
from projections.registered import GROUP, registered
from projections.search.view import SEARCH
from projections.stats.view import STATS
from projections.view import View

OURS: dict[str, View] = {view.name: view for view in (INBOX, MEDIA, SEARCH, STATS)}
REGISTERED = registered(entry_points(group=GROUP), OURS.values())

VIEWS: dict[str, View] = OURS | REGISTERED.views

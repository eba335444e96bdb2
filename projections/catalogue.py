"""All views there are, by name."""

from projections.inbox.view import INBOX
from projections.media.view import MEDIA
from projections.search.view import SEARCH
from projections.stats.view import STATS
from projections.view import View

VIEWS: dict[str, View] = {view.name: view for view in (INBOX, MEDIA, SEARCH, STATS)}

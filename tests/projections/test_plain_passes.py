"""What the benches compare a view with makes what the view makes: else the ratio says nothing."""

import pytest

from bench import log_filling
from bench.plain_views import PLAIN, Plain
from bench.rebuild import by_hand, figures
from events.database import connect
from projections.rebuild import rebuild

MADE = 400


@pytest.mark.slow
@pytest.mark.parametrize("plain", PLAIN, ids=lambda plain: plain.view.name)
def test_the_pass_by_hand_and_the_view_come_to_the_same(database: str, plain: Plain) -> None:
    with log_filling.connect(database) as conn:
        log_filling.fill_large(conn, 3 * MADE, MADE)
    version = rebuild(database, plain.view)

    with connect(database, "wharf_owner") as owner:
        by_hand(owner, plain)
        ours = figures(owner, version.schema_name, plain)

        assert 3 * MADE == version.position
        assert ours is not None
        assert any(ours)
        assert figures(owner, "plain", plain) == ours

"""How far the read tables are, for everybody who reads them."""

from events.database import connect
from projections import versions
from projections.inbox.view import INBOX
from projections.rebuild import rebuild
from tests.wharf.ledger.desk import Desk
from tests.write_side.posting import delivery


async def views(desk: Desk) -> dict[str, dict[str, object]]:
    answer = await desk.ask("views/")
    assert answer["count"] == len(answer["views"])
    return {each["name"]: each for each in answer["views"]}


async def test_a_view_says_how_far_behind_it_is(desk: Desk) -> None:
    before = await views(desk)
    await desk.got(delivery(), delivery())
    behind = (await views(desk))["inbox"]
    desk.project()
    settled = (await views(desk))["inbox"]

    assert ["inbox", "media", "search", "stats"] == list(before)
    assert (0, 0) == (before["inbox"]["behind_events"], before["inbox"]["behind_seconds"])
    assert 2 == behind["behind_events"]
    assert isinstance(behind["behind_seconds"], float)
    assert behind["behind_seconds"] > 0
    assert (0, 0) == (settled["behind_events"], settled["behind_seconds"])
    assert settled["rebuild"] is None


async def test_a_rebuild_is_told_while_somebody_is_at_it(desk: Desk) -> None:
    await desk.got(*(delivery() for _ in range(4)))
    desk.project()
    with connect(desk.store.url, "wharf_owner") as conn:
        version = versions.create(conn, INBOX)
        left_over = (await views(desk))["inbox"]["rebuild"]
        conn.execute(
            "update read.versions set position = 1 where view = 'inbox' and version = %s",
            (version.version,),
        )
        conn.execute("select pg_advisory_lock(hashtextextended('wharf rebuild inbox', 0))")
        under_way = await views(desk)
    rebuild(desk.store.url, INBOX)
    done = (await views(desk))["inbox"]

    assert left_over is None
    assert {"version": 2, "percent": 25} == under_way["inbox"]["rebuild"]
    assert under_way["search"]["rebuild"] is None
    assert 1 == under_way["inbox"]["version"]
    assert (2, None) == (done["version"], done["rebuild"])

"""What the documents tell people to type, typed."""

import re
from pathlib import Path

from events.database import connect
from tests.wharf.ledger.desk import desk_at
from tests.write_side.posting import Store, delivery

STATEMENTS = re.findall(
    r"```sql\n(.*?)```",
    (Path(__file__).parents[2] / "docs" / "read-tables.md").read_text(),
    re.DOTALL,
)


async def test_the_sql_of_the_document_runs_for_whoever_may_only_read(database: str) -> None:
    async with desk_at(Store(database)) as desk:
        await desk.got(delivery("is it ready?"))
        desk.project()
    with connect(database, "wharf_read") as conn:
        answers = [
            conn.execute(statement.encode()).fetchall()
            for part in STATEMENTS
            for statement in part.split(";\n\n")
        ]

    assert len(answers) >= 8
    newest, of_one, conversations = answers[:3]
    assert "is it ready?" in newest[0]
    assert len(of_one) == len(conversations) == 1

"""What GET messages/ is measured against: the bare query behind orjson, and nothing around it.

`python -m bench.reads_bare PORT`, with BENCH_DATABASE_URL and BENCH_STATEMENT (a file) around it.
"""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import uvicorn
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

STATEMENT = Path(os.environ["BENCH_STATEMENT"]).read_bytes()
pool = AsyncConnectionPool(
    os.environ["BENCH_DATABASE_URL"],
    min_size=8,
    max_size=8,
    open=False,
    kwargs={"autocommit": True},
)


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    async with pool:
        yield


async def messages(request: Request) -> Response:
    async with pool.connection() as conn, conn.cursor(row_factory=dict_row, binary=True) as cursor:
        await cursor.execute(STATEMENT, {"rows": 50})
        rows = await cursor.fetchall()
    return Response(orjson.dumps({"messages": rows}), media_type="application/json")


app = Starlette(
    routes=[Route("/api/whatsapp/messages/", messages), Route("/readyz", messages)],
    lifespan=lifespan,
)


if __name__ == "__main__":
    uvicorn.run(
        app, port=int(sys.argv[1]), http="httptools", loop="uvloop", ws="none", access_log=False,
        log_level="warning",
    )  # fmt: skip

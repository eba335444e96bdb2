"""What the webhook is measured against: endpoints that check the signature and store nothing.

`starlette` is the yardstick: Request, Route and Response, one uvicorn process, httptools and
uvloop. `bare` is an ASGI callable, for information: the most that Python and uvicorn give here.
"""

import hashlib
import hmac
import os
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

SECRET = os.environ.get("WHATSAPP_APP_SECRET", "").encode()


def right(body: bytes, signature: str) -> bool:
    return hmac.compare_digest(
        "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest(), signature
    )


async def webhook(request: Request) -> Response:
    body = await request.body()
    if not right(body, request.headers.get("x-hub-signature-256", "")):
        return Response(status_code=401)
    return JSONResponse({"status": "ok"})


starlette = Starlette(routes=[Route("/api/whatsapp/webhook/", webhook, methods=["POST"])])


async def bare(scope: Scope, receive: Receive, send: Send) -> None:
    body = (await receive())["body"]
    signature = dict(scope["headers"]).get(b"x-hub-signature-256", b"")
    status = 200 if right(body, signature.decode()) else 401
    headers = [(b"content-type", b"application/json"), (b"content-length", b"15")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"status":"ok"}'})


def main() -> None:
    """`python -m bench.noop starlette|bare PORT`"""
    kind, port = sys.argv[1:]
    uvicorn.run(
        starlette if kind == "starlette" else bare,
        port=int(port),
        http="httptools",
        loop="uvloop",
        ws="none",
        lifespan="off",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()

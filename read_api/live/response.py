"""The response that a stream is sent with."""

import asyncio

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from read_api.live.stream import Stream


class EventStream(Response):
    """Sends what the stream says until it ends or the client goes; then the seat is free."""

    def __init__(self, stream: Stream, position: int) -> None:
        self._stream = stream
        self.status_code = 200
        self.background = None
        self.init_headers(
            {
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                # nginx would keep what is said until its buffer is full.
                "X-Accel-Buffering": "no",
                "X-Log-Position": str(position),
            }
        )
        # Nobody knows how long it will be.
        del self.headers["content-length"]

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":
            self._stream.close()
            await self._start(send)
            await send({"type": "http.response.body", "body": b""})
            return
        sending = asyncio.create_task(self._send_all(send))
        listening = asyncio.create_task(_until_gone(receive))
        try:
            await asyncio.wait({sending, listening}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            sending.cancel()
            listening.cancel()
            await asyncio.gather(sending, listening, return_exceptions=True)
            self._stream.close()

    async def _send_all(self, send: Send) -> None:
        await self._start(send)
        async for frame in self._stream.frames():
            await send({"type": "http.response.body", "body": frame, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _start(self, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

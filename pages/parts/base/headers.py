"""Security headers on every answer, and a bound on what one session may upload.

Plain ASGI, for `serve.py`. The policy allows what Streamlit itself needs and no other host, so
that even a text that slipped through as an image could not call a stranger.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",  # Streamlit and Plotly build functions
        "worker-src 'self' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),  # a run's link is its key
    (b"x-frame-options", b"DENY"),
)
NO_STORE = (b"cache-control", b"no-store")
MEDIA, UPLOAD = "/media/", "/_stcore/upload_file/"
MAX_SESSIONS = 1000  # remembered for the bound on uploads


class SecurityHeaders:
    """Adds the headers to every answer; what is downloaded is never kept in a cache."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, adding to the start of an answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        more = [*HEADERS, *([NO_STORE] if MEDIA in scope["path"] else [])]

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *more]
            await send(message)

        await self._app(scope, receive, add)


class UploadBound:
    """Refuses uploads beyond so many bytes of one session; their size must be stated."""

    def __init__(self, app: Application, most_bytes: int) -> None:
        self._app, self._most = app, most_bytes
        self._used: OrderedDict[str, int] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer 413."""
        if scope["type"] != "http" or scope["method"] != "PUT" or UPLOAD not in scope["path"]:
            await self._app(scope, receive, send)
            return
        session = scope["path"].split(UPLOAD, 1)[1].split("/", 1)[0]
        stated = dict(scope["headers"]).get(b"content-length", b"")
        size = int(stated) if stated.isdigit() else self._most + 1
        if self._used.get(session, 0) + size > self._most:
            await send(
                {"type": "http.response.start", "status": 413, "headers": [(b"content-type", b"text/plain")]}
            )
            await send({"type": "http.response.body", "body": b"More than one session may upload."})
            return
        self._used[session] = self._used.pop(session, 0) + size
        while len(self._used) > MAX_SESSIONS:
            self._used.popitem(last=False)
        await self._app(scope, receive, send)

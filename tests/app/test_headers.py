"""The server's answers carry the headers; one session cannot fill the machine."""

from __future__ import annotations

import asyncio
from typing import Any

from pages.parts.base.headers import SecurityHeaders, UploadBound


async def answer(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
    await send({"type": "http.response.body", "body": b"ok"})


def ask(
    app: Any, path: str, method: str = "GET", headers: dict[bytes, bytes] | None = None
) -> tuple[int, dict[bytes, bytes]]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "path": path, "method": method, "headers": list((headers or {}).items())}
    asyncio.run(app(scope, None, send))
    return sent[0]["status"], dict(sent[0]["headers"])


def test_every_answer_forbids_other_hosts() -> None:
    status, headers = ask(SecurityHeaders(answer), "/")
    assert status == 200
    assert b"default-src 'self'" in headers[b"content-security-policy"]
    assert b"http" not in headers[b"content-security-policy"]
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers[b"referrer-policy"] == b"no-referrer"
    assert b"cache-control" not in headers


def test_downloads_are_not_kept_in_a_cache() -> None:
    assert ask(SecurityHeaders(answer), "/media/abc.html")[1][b"cache-control"] == b"no-store"


def test_uploads_of_one_session_are_bounded_and_others_go_on() -> None:
    app = UploadBound(answer, most_bytes=100)
    path = "/_stcore/upload_file/{}/file"
    sizes = {b"content-length": b"60"}
    assert ask(app, path.format("one"), "PUT", sizes)[0] == 200
    assert ask(app, path.format("one"), "PUT", sizes)[0] == 413
    assert ask(app, path.format("two"), "PUT", sizes)[0] == 200
    assert ask(app, path.format("two"), "PUT")[0] == 413
    assert ask(app, "/", "GET")[0] == 200

"""Only who is signed in sends files, and none that is too large: Streamlit takes them from every
open page, the sign-in's too, and keeps them in memory."""

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.access import cookies, remembered

# Where Streamlit's pages send files, below whatever address the dashboard has.
UPLOADS = "/_stcore/upload_file"
# server.maxUploadSize of .streamlit/config.toml, which Streamlit compares once it has all of a
# file; and what a form adds to it.
MOST_BYTES = 33 * 1024 * 1024
READS = frozenset({"GET", "HEAD", "OPTIONS"})


class Uploads:
    """Refuses a file, before its body is read, without the cookie of somebody who is signed in,
    and one that does not say its size or is larger than allowed. Servers hold a sender to the size
    that it says."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and UPLOADS in scope["path"] and scope["method"] not in READS:
            request = HTTPConnection(scope)
            https = cookies.is_https(request.headers, scope["scheme"])
            session = cookies.read(request.cookies, cookies.SESSION, https)
            if session is None or remembered.recall(session) is None:
                refusal = PlainTextResponse("Sign in again, then send the file.", 403)
                await refusal(scope, receive, send)
                return
            length = request.headers.get("content-length", "")
            if scope["method"] == "DELETE":
                length = "0"
            if not (length.isascii() and length.isdigit()) or int(length) > MOST_BYTES:
                said = "The file is too large. Export fewer days at once."
                refusal = PlainTextResponse(said, 413)
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

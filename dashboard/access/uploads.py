"""Only who is signed in sends files: Streamlit takes them from every open page, the sign-in's too,
and keeps them in memory."""

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.access import cookies, remembered

# Where Streamlit's pages send files, below whatever address the dashboard has.
UPLOADS = "/_stcore/upload_file"
READS = frozenset({"GET", "HEAD", "OPTIONS"})


class Uploads:
    """Refuses a file, before its body is read, without the cookie of somebody who is signed in."""

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
        await self._app(scope, receive, send)

"""Control a sandbox from Python: start one in a thread, or connect to a running one."""

import threading
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any, Self

import httpx
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from local.sandbox.app import create_app
from local.sandbox.config import SandboxConfig

Json = dict[str, Any]


class _KeepAlive(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log(self, type: str, message: str, *args: Any) -> None:
        """Log nothing: the requests are in ``Sandbox.requests()``."""


class Sandbox:
    """A running sandbox. Name people by id or handle, and files by key or name.

    ``with Sandbox.start() as sandbox: …`` serves one in this process, in strict mode.
    """

    def __init__(self, url: str, app: Flask | None = None, stop: Callable[[], None] | None = None):
        self.url = url.rstrip("/")
        self.app = app
        self._stop = stop
        self._http = httpx.Client(base_url=self.url, timeout=30, trust_env=False)

    @classmethod
    def start(cls, config: SandboxConfig | None = None, port: int = 0) -> Self:
        """Serve a sandbox in a thread, on a free port unless one is given."""
        app = create_app(config or SandboxConfig(strict=True))
        server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_KeepAlive)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()

        def stop() -> None:
            server.shutdown()
            thread.join()
            server.server_close()
            app.extensions["sandbox"].close()

        return cls(f"http://127.0.0.1:{server.server_port}", app, stop)

    def close(self) -> None:
        self._http.close()
        if self._stop:
            self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def people(self) -> list[Json]:
        return self._ask("GET", "/sandbox/people")

    def person(self, name: str) -> Json:
        """One person with id, handle, token, seat and plan."""
        return next(p for p in self.people() if name in (p["id"], p["handle"]))

    def files(self) -> list[Json]:
        return self._ask("GET", "/sandbox/files")

    def file(self, name: str) -> Json:
        return next(f for f in self.files() if name in (f["key"], f["name"]))

    def post_comment(
        self, person: str, file: str, text: str, root: str | None = None, pin: Json | None = None
    ) -> Json:
        """Write a comment as a person would in Figma: ``@Handle`` is a real mention."""
        body = {
            "person_id": self.person(person)["id"],
            "text": text,
            "root_id": root,
            "pin": pin,
        }
        return self._ask("POST", f"/sandbox/comments/{self.file(file)['key']}", body)

    def comments(self, file: str) -> list[Json]:
        return self._ask("GET", f"/sandbox/comments/{self.file(file)['key']}")["comments"]

    def faults(self, *faults: Json, **settings: Any) -> Json:
        """Replace all faults by these; also set ``clock=`` and ``rate_limits=`` if given."""
        return self._ask("PUT", "/sandbox/faults", {"faults": list(faults), **settings})

    def quota(self, person: str, tier: int, remaining: int | None, retry_after: int = 60) -> None:
        body = {"tier": tier, "remaining": remaining, "retry_after": retry_after}
        self._ask("PUT", "/sandbox/quota", {"person_id": self.person(person)["id"], **body})

    def deliveries(self, comment_id: str | None = None) -> list[Json]:
        query = f"?comment_id={comment_id}" if comment_id else ""
        return self._ask("GET", f"/sandbox/deliveries{query}")

    def redeliver(self, *, delivery_id: str | None = None, comment_id: str | None = None) -> int:
        body = {"delivery_id": delivery_id} if delivery_id else {"comment_id": comment_id}
        return self._ask("POST", "/sandbox/redeliver", body)["sent"]

    def requests(self) -> list[Json]:
        return self._ask("GET", "/sandbox/requests")

    def violations(self) -> list[Json]:
        return self._ask("GET", "/sandbox/violations")

    def expire(self, person: str) -> None:
        self._ask("POST", "/sandbox/expire", {"person_id": self.person(person)["id"]})

    def revoke(self, person: str) -> None:
        self._ask("POST", "/sandbox/revoke", {"person_id": self.person(person)["id"]})

    def reset(self) -> None:
        self._ask("POST", "/sandbox/reset", {})

    def sign_in(self, person: str, authorize_url: str, decision: str = "allow") -> str | None:
        """Go through the consent page; return the callback address, or None if declined."""
        page = self._http.get(authorize_url)
        page.raise_for_status()
        form = _HiddenFields()
        form.feed(page.text)
        answers = {"person_id": self.person(person)["id"], "decision": decision}
        answer = self._http.post("/oauth", data={**form.fields, **answers})
        return answer.headers.get("Location")

    def _ask(self, method: str, path: str, body: Json | None = None) -> Any:
        answer = self._http.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json()


class _HiddenFields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "input" and values.get("type") == "hidden":
            self.fields[str(values["name"])] = values.get("value") or ""

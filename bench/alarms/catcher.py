"""Where alerts arrive: a webhook and a mailbox on loopback."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller

from bench.alarms.judging import Posted
from local.stack.stack import free_port

RECEIVER = "ops@example.com"


@dataclass
class Catcher:
    """``webhooks``: each POST. ``mails``: subject of each mail."""

    url: str
    smtp_url: str
    webhooks: list[Posted] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=default)
        self.mails.append(str(message["Subject"]))
        return "250 OK"


@contextmanager
def catching() -> Iterator[Catcher]:
    smtp_port = free_port()
    caught = Catcher("", f"smtp://127.0.0.1:{smtp_port}")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told = body["data"]
            caught.webhooks.append((str(told["id"]), told["state"], told["title"], time.time()))
            self.send_response(204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """The table says what arrived."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    caught.url = f"http://127.0.0.1:{server.server_port}/alerts"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    mailbox = Controller(caught, hostname="127.0.0.1", port=smtp_port)
    thread.start()
    mailbox.start()
    try:
        yield caught
    finally:
        mailbox.stop()
        server.shutdown()
        thread.join()
        server.server_close()

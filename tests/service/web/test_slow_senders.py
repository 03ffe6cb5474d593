"""Who sends byte by byte is cut off, while others are answered: web as production runs it."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPResponse
from pathlib import Path

import httpx

from service.config import Settings
from tests.service.web.processes import environment_of, gunicorn, wait_for

HOST = "127.0.0.1"
BODY = b'{"webhook_id": "22", "passcode": "x"}'
HOOK = (
    b"POST /api/figma-comment-webhook HTTP/1.1\r\nHost: web\r\nContent-Type: application/json\r\n"
)
UNREAD = b"GET /healthz HTTP/1.1\r\nHost: web\r\n"
LENGTH = b"Content-Length: 1000\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
# Each begins well, and then goes on for as long as it is let, one byte at a time.
DRIPS = {
    "body": (HOOK + LENGTH, b"x"),
    "chunked body": (HOOK + CHUNKED, b"1\r\nx\r\n"),
    "body that nobody reads": (UNREAD + LENGTH, b"x"),
    "header": (HOOK + b"X-Long: ", b"x"),
    "first line": (b"", b"G"),
    "nothing": (HOOK + LENGTH, b""),
}


@contextmanager
def served(settings: Settings, port: int, folder: Path, options: str, **more: str) -> Iterator[str]:
    environment = {**environment_of(settings, folder), "WEB_CONCURRENCY": "1", **more}
    with gunicorn(environment, port, folder, options) as process:
        url = f"http://{HOST}:{port}"
        wait_for(lambda: is_up(url))
        yield url
        # Killed, it would leave its worker listening for a moment.
        process.terminate()
        process.wait(60)
    assert "Traceback" not in (folder / "output").read_text()


def is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", trust_env=False).is_success
    except httpx.TransportError:
        return False


def drip(port: int, begin: bytes, byte: bytes) -> bytes:
    """Send on until the other side closes; what it said."""
    said = b""
    with socket.create_connection((HOST, port)) as connection:
        connection.settimeout(0.05)
        with suppress(ConnectionError):
            connection.sendall(begin)
            while True:
                with suppress(TimeoutError):
                    read = connection.recv(4096)
                    said += read
                    if not read:
                        break
                connection.sendall(byte)
    return said


def test_slow_senders_are_cut_off_while_others_are_answered(
    web_settings: Settings, web_port: int, tmp_path: Path
) -> None:
    said: dict[str, bytes] = {}

    def run(name: str) -> None:
        said[name] = drip(web_port, *DRIPS[name])

    with served(web_settings, web_port, tmp_path, "--keep-alive 10", BODY_SECONDS="1") as url:
        threads = [threading.Thread(target=run, args=(name,), daemon=True) for name in DRIPS]
        for thread in threads:
            thread.start()
        answered, end = 0, time.monotonic() + 200
        while any(thread.is_alive() for thread in threads):
            assert time.monotonic() < end, f"not cut off: {set(DRIPS) - set(said)}"
            answered += is_up(url)
    assert answered > 0
    assert set(said) == set(DRIPS)
    for name in ("body", "chunked body", "nothing"):
        assert said[name].startswith(b"HTTP/1.1 422") and b"came too slowly" in said[name], name
    assert said["body that nobody reads"].startswith(b"HTTP/1.1 200")
    assert said["header"] == said["first line"] == b""


def test_a_body_that_arrives_in_pieces_in_time_is_read(
    web_settings: Settings, web_port: int, tmp_path: Path
) -> None:
    with (
        served(web_settings, web_port, tmp_path, ""),
        socket.create_connection((HOST, web_port), timeout=60) as connection,
    ):
        connection.sendall(HOOK + b"Content-Length: %d\r\n\r\n" % len(BODY))
        for place in range(len(BODY)):
            connection.sendall(BODY[place : place + 1])
        answer = HTTPResponse(connection)
        answer.begin()
        said = answer.read()
    assert answer.status == 404 and b"no such webhook" in said

"""What a failed call of the database's API means: an outage passes, a refusal does not."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from local.stack import Database as Stored
from service.config import Settings
from service.errors import Conflict, NotFound, PreconditionFailed, ServiceError, Unavailable
from service.store import sql_calls
from service.store.database import Database, connect
from service.store.delivery_store import DeliveryStore
from service.store.sql_calls import DatabaseError, refusal


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        *((code, Unavailable) for code in ("PGRST000", "PGRST001", "PGRST002", "PGRST003")),
        ("PGRST202", Unavailable),
        *((str(status), Unavailable) for status in (500, 502, 503, 504, 520, 521, 522, 525, 530)),
        *((status, Unavailable) for status in ("408", "429")),
        *((code, Unavailable) for code in ("08006", "40001", "40P01", "53300", "57014", "57P01")),
        *((code, Unavailable) for code in ("25006", "55P03", "PGRSTX00", "PGRST303")),
        ("PT404", NotFound),
        ("PT409", Conflict),
        ("PT412", PreconditionFailed),
        *((code, DatabaseError) for code in ("23505", "42501", "P0001", "54000", "XX000")),
        *((code, DatabaseError) for code in ("PGRST100", "PGRST203", "PGRST301", "401", "404", "")),
    ],
)
def test_each_code_has_its_error(code: str, expected: type[ServiceError]) -> None:
    error = refusal("get_session", code, "")
    assert type(error) is expected
    assert (error.retry_after is not None) is (expected is Unavailable)


Answer = tuple[int, bytes]


@pytest.fixture
def api(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Database]]:
    """Makes a client of an API that gives these answers, and from then on the last of them."""
    monkeypatch.setattr(sql_calls, "PAUSE_SECONDS", 0)
    said: list[Answer] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            status, body = said.pop(0) if len(said) > 1 else said[0]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Keep the output of the tests clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    changed = settings.model_copy(
        update={
            "supabase_url": f"http://127.0.0.1:{server.server_address[1]}",
            "supabase_service_role_key": SecretStr("sb_secret_x"),
        }
    )
    made: list[Database] = []

    def make(*answers: Answer) -> Database:
        said[:] = answers
        made.append(connect(changed))
        return made[-1]

    yield make
    for each in made:
        each.close()
    server.shutdown()
    thread.join()
    server.server_close()


def body(code: str | None, message: str) -> bytes:
    more = {"code": code, "details": None, "hint": None} if code else {}
    return json.dumps({"message": message, **more}).encode()


@pytest.mark.parametrize(
    "answer",
    [
        (503, body("PGRST001", "Database client error. Retrying the connection.")),
        (503, body("PGRST002", "Could not query the database for the schema cache. Retrying.")),
        (504, body("PGRST003", "Timed out acquiring connection from connection pool.")),
        (404, body("PGRST202", "Could not find the function in the schema cache")),
        (500, body("57014", "canceling statement due to statement timeout")),
        # A gateway before it: a sentence without a code, a page, nothing at all.
        (502, body(None, "An invalid response was received from the upstream server")),
        (504, body(None, "The upstream server is timing out")),
        (521, b"<html>Web server is down</html>"),
        (522, b""),
        (500, b"<html>Internal Server Error</html>"),
    ],
)
def test_an_outage_in_any_shape_passes(api: Callable[[Answer], Database], answer: Answer) -> None:
    with pytest.raises(Unavailable) as raised:
        api(answer).get_context("hash")
    assert raised.value.retry_after


EARLY = (401, body("PGRST303", "JWT issued at future"))


def test_a_call_refused_for_a_token_from_the_future_is_sent_again_after_a_moment(
    api: Callable[..., Database],
) -> None:
    """With a secret key the token is made by the API's own gateway: clocks differ there."""
    assert not api(EARLY, (200, b"[]")).list_webhooks("id")


@pytest.mark.parametrize("message", ["JWT issued at future", "JWT not yet valid", "JWT expired"])
def test_a_token_of_another_time_that_stays_is_an_outage_and_says_so(
    api: Callable[..., Database], message: str
) -> None:
    """Unavailable is no attempt of a job, and 503 with Retry-After to a browser."""
    with pytest.raises(Unavailable, match=message) as raised:
        api((401, body("PGRST303", message))).get_context("hash")
    assert (raised.value.status, raised.value.retry_after) == (503, 5)


def test_a_token_for_another_audience_is_refused_for_good(api: Callable[..., Database]) -> None:
    with pytest.raises(DatabaseError, match="PGRST303"):
        api((401, body("PGRST303", "JWT not in audience")), (200, b"{}")).get_context("hash")


@pytest.mark.parametrize(
    "answer",
    [
        (400, body("23505", "duplicate key value violates unique constraint")),
        (401, body("PGRST301", "JWT expired")),
        (403, body("42501", "permission denied for function get_session")),
        (500, body("XX000", "internal error")),
    ],
)
def test_a_refusal_stays_one_and_repeats_no_words(
    api: Callable[[Answer], Database], answer: Answer
) -> None:
    with pytest.raises(DatabaseError, match="refused get_context") as raised:
        api(answer).get_context("hash")
    assert "duplicate key" not in raised.value.message


@pytest.mark.parametrize("handle", ["Bud\x00dy", "Bud\ud800dy"])
def test_what_postgres_cannot_hold_does_not_refuse_the_call(
    handle: str, settings: Settings, database: Stored
) -> None:
    connected = connect(settings)
    connected.register_bot("1", handle)
    connected.close()
    with psycopg.connect(database.admin_url) as connection:
        row = connection.execute("select handle from public.bot_identity").fetchone()
    assert row in (("Buddy",), ("Bud\ufffddy",))


def test_what_outlives_the_service_opens_no_connection_any_more(settings: Settings) -> None:
    store = DeliveryStore(settings)
    store.ping()
    store.close()
    with pytest.raises(Unavailable):
        store.ping()

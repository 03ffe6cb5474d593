"""A receiver of alerts on loopback, channels sealed as the dashboard seals them, and deliveries."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from dashboard.settings.sealing import new_secret, seal
from local.stack import Database
from service.alerts.delivery import Deliveries
from service.config import Settings
from service.secrets.unsealing import SealingKeys
from service.wiring import Services, build_services


@dataclass
class Receiver:
    """What arrived. ``answers`` are the statuses to come, then 204; ``headers`` go with them."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append((dict(self.headers.items()), body))
            self.send_response(found.answers.pop(0) if found.answers else 204)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Keep the output of the tests clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/services/T0/B0/verysecretpart"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    built = build_services(settings)
    yield built
    built.close()


class Alerting:
    """Channels and alerts as they stand in the database, and attempts at delivering them."""

    def __init__(self, database: Database, services: Services):
        self.services = services
        self.secret = new_secret()
        self._url = database.admin_url
        self._keys = SealingKeys(services.settings)

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._url) as connection:
            return connection.execute(query, values).fetchall()  # type: ignore[arg-type]

    def add_channel(self, url: str, kind: str = "webhook", sealing_key: str = "") -> str:
        channel = str(uuid4())
        secret = self.secret if kind == "webhook" else None
        sealed = seal(sealing_key or self._keys.public, channel, url, secret)
        self.rows(
            "with made as (insert into public.alert_channels (id, kind, name, host, kinds)"
            " values (%s, %s, 'Pager', 'somewhere', '{unpriced}') returning id)"
            " insert into public.alert_channel_secrets (channel_id, sealed)"
            " values (%s, %s) returning 1",
            channel,
            kind,
            channel,
            sealed,
        )
        return channel

    def happen(self, model: str = "new-model") -> list[str]:
        """A call without a price is noticed; the ids of the deliveries it makes."""
        self.rows(
            "insert into public.usage_logs (answer_id, feature, provider, model, status,"
            " cost_state) values (gen_random_uuid(), 'comment', 'openai', %s, 'answered',"
            " 'unpriced') returning 1",
            model,
        )
        before = {row[0] for row in self.rows("select id::text from public.alert_deliveries")}
        self.services.database.check_alerts()
        after = self.rows("select id::text from public.alert_deliveries order by created_at")
        return [row[0] for row in after if row[0] not in before]

    def attempt(self, delivery_id: str) -> None:
        Deliveries(self.services).run(delivery_id)

    def state(self, delivery_id: str) -> dict[str, Any]:
        [(row,)] = self.rows(
            "select to_jsonb(d) from public.alert_deliveries as d where id = %s", delivery_id
        )
        return row


@pytest.fixture
def alerting(database: Database, services: Services) -> Alerting:
    return Alerting(database, services)

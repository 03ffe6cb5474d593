"""Equal requests at two web processes, with a real worker and a stand-in for the model."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row

from local.model import ModelStandIn
from local.stack import Database
from local.stack.stack import ROOT, free_port
from service.config import Settings
from service.secrets.encryption import token_hash
from tests.exactly_once.analyses import selection
from tests.service.web.processes import environment_of, gunicorn, wait_for

PLACES = ("one", "two")


@pytest.fixture(scope="module")
def model() -> Iterator[ModelStandIn]:
    with ModelStandIn() as running:
        yield running


def rows(database: Database, query: str, *values: Any) -> list[dict[str, Any]]:
    with psycopg.connect(database.admin_url, row_factory=dict_row) as connection:
        cursor = connection.execute(query, values)  # type: ignore[arg-type]
        return cursor.fetchall() if cursor.description else []


def make_person(database: Database) -> str:
    """Somebody with a plugin's session; its token."""
    token = uuid4().hex
    rows(
        database,
        "with person as (insert into public.users (figma_user_id, handle) values ('1', 'Ada')"
        " returning id), context as (insert into public.user_contexts (user_id)"
        " select id from person)"
        " insert into public.sessions (token_hash, user_id, kind, expires_at)"
        " select %s, id, 'plugin', now() + interval '1 hour' from person",
        token_hash(token),
    )
    return token


@contextmanager
def worker(environment: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", "service.worker"],
        cwd=ROOT,
        env={**environment, "PATH": os.environ["PATH"]},
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def test_20_equal_requests_at_two_processes_are_one_call_one_use_and_20_answers(
    web_settings: Settings, database: Database, model: ModelStandIn, tmp_path: Path
) -> None:
    model.reset()
    model.behave(delay_ms=500)
    token, ports = make_person(database), [free_port() for _ in PLACES]
    environment = {
        **environment_of(web_settings, tmp_path),
        # One process each, so that each port surely has its own.
        "WEB_CONCURRENCY": "1",
        "OPENAI_API_KEY": "model-key",
        "OPENAI_BASE_URL": model.url,
    }
    headers = {"Authorization": f"Bearer {token}", "Origin": "null"}

    def ask(number: int) -> httpx.Response:
        url = f"http://127.0.0.1:{ports[number % 2]}/api/analyze"
        given = selection(str(number))
        return httpx.post(url, json=given, headers=headers, trust_env=False, timeout=60)

    with ExitStack() as running:
        running.enter_context(worker(environment))
        for place, port in zip(PLACES, ports, strict=True):
            folder = tmp_path / place
            folder.mkdir()
            own = environment | {"TMPDIR": str(folder)}
            running.enter_context(gunicorn(own, port, folder))
        for port in ports:
            wait_for(lambda port=port: is_up(port))
        alive = "select 1 from queue.procrastinate_workers"
        wait_for(lambda: bool(rows(database, alive)))
        with ThreadPoolExecutor(20) as threads:
            answers = list(threads.map(ask, range(20)))

    assert [each.status_code for each in answers] == [200] * 20
    told = [each.json() for each in answers]
    assert len(model.requests) == 1
    assert {each["source"] for each in told} == {"model"}
    assert sorted(each["cached"] for each in told) == [False] + [True] * 19
    for number, each in enumerate(told):
        ids = {found["element_id"] for found in each["suggestions"]}
        assert ids and all(each.startswith(f"{number}:") for each in ids)
    [books] = rows(
        database,
        "select (select sum(used)::int from public.use_balances) as used,"
        " (select count(*) from public.usage_logs) as lines,"
        " (select count(*) from public.use_receipts) as receipts",
    )
    assert books == {"used": 1, "lines": 20, "receipts": 1}
    exposed = answers[0].headers["Access-Control-Expose-Headers"]
    assert "RateLimit" in exposed and answers[0].headers["Access-Control-Allow-Origin"] == "*"


def is_up(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).is_success
    except httpx.TransportError:
        return False

"""Measures a durable webhook response, an empty route of the same gunicorn, and the SQL alone."""

import asyncio
import json
import re
import shutil
import subprocess
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from local.stage import Stage, percentile

Row = dict[str, Any]
WRK = Path(__file__).with_name("comments.lua")
SECONDS = 8
PLACES = (1, 16, 64)


def measure(stage: Stage) -> list[Row]:
    """Rows {what, connections, rps, p50_ms, p95_ms, p99_ms, errors}; interleaved, on one server."""
    if not shutil.which("wrk"):
        raise SystemExit("This benchmark drives the server with wrk: apt-get install wrk.")
    owner = stage.sign_in("1", "Bench", "token")
    webhook_id, passcode = stage.make_webhook(owner, "BENCHFILE", "1001")
    stage.start_web("bench.empty_route:create_app()")
    rows: list[Row] = []
    for path in ("/bench/empty", "/api/figma-comment-webhook"):
        drive(stage, path, passcode, 16, 2)
    for connections in PLACES:
        for what, path in (("empty route", "/bench/empty"),
                           ("webhook", "/api/figma-comment-webhook")):  # fmt: skip
            row = drive(stage, path, passcode, connections, SECONDS)
            rows.append({"what": what, "connections": connections, **row})
    rows.append(offered(stage, passcode, 100, 10))
    rows += [function_alone(stage, webhook_id, size, 4) for size in (1, 16)]
    ratios = [ratio(rows, connections) for connections in PLACES]
    return rows + ratios


def ratio(rows: list[Row], connections: int) -> Row:
    rate = {row["what"]: row["rps"] for row in rows if row.get("connections") == connections}
    share = rate["webhook"] / rate["empty route"]
    return {
        "what": "webhook ÷ empty route",
        "connections": connections,
        "ratio": round(share, 2),
    }


def drive(stage: Stage, path: str, passcode: str, connections: int, seconds: int) -> Row:
    run = uuid.uuid4().hex[:8]
    command = [
        "wrk", "-t", str(min(2, connections)), "-c", str(connections), "-d", f"{seconds}s",
        "--timeout", "30s", "-s", str(WRK), stage.web_url + path, "--", passcode, run,
    ]  # fmt: skip
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"RESULT (\{.*\})", out)
    if not found:
        raise SystemExit(f"wrk said something else:\n{out}")
    return json.loads(found.group(1))


def offered(stage: Stage, passcode: str, rate: int, seconds: int) -> Row:
    """An open loop: sends requests at a fixed rate, whether or not earlier ones were answered."""
    latencies, errors = asyncio.run(_offer(stage.web_url, passcode, rate, seconds))
    return {
        "what": f"webhook, {rate}/s offered",
        "rps": round(len(latencies) / seconds, 1),
        "p50_ms": round(percentile(latencies, 0.50), 1),
        "p95_ms": round(percentile(latencies, 0.95), 1),
        "p99_ms": round(percentile(latencies, 0.99), 1),
        "errors": errors,
    }


async def _offer(url: str, passcode: str, rate: int, seconds: int) -> tuple[list[float], int]:
    host, port = url.removeprefix("http://").split(":")
    pool: asyncio.Queue = asyncio.Queue()
    for _ in range(32):
        pool.put_nowait(await asyncio.open_connection(host, int(port)))
    latencies: list[float] = []
    errors = 0

    async def one(number: int) -> None:
        nonlocal errors
        body = comment_body(passcode, f"open-{uuid.uuid4().hex[:6]}-{number}")
        began = time.perf_counter()
        reader, writer = await pool.get()
        writer.write(
            b"POST /api/figma-comment-webhook HTTP/1.1\r\nHost: bench\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head.lower())
        await reader.readexactly(int(length.group(1)) if length else 0)
        pool.put_nowait((reader, writer))
        latencies.append((time.perf_counter() - began) * 1000)
        errors += b" 200 " not in head[:20]

    start = time.perf_counter()
    tasks = []
    for number in range(rate * seconds):
        await asyncio.sleep(max(0, start + number / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(one(number)))
    await asyncio.gather(*tasks)
    while not pool.empty():
        _, writer = pool.get_nowait()
        writer.close()
    return latencies, errors


def function_alone(stage: Stage, webhook_id: str, size: int, connections: int) -> Row:
    """Calls record_events over plain connections: the limit of the database itself."""
    url = stage.settings.database_url.get_secret_value()
    calls = 200

    def work(place: int) -> list[float]:
        spent = []
        with psycopg.connect(url, autocommit=True) as connection:
            for number in range(calls):
                events = [
                    event(webhook_id, f"sql-{size}-{place}-{number}-{n}-{uuid.uuid4().hex[:6]}")
                    for n in range(size)
                ]
                began = time.perf_counter()
                connection.execute("select public.record_events(%s)", (Jsonb(events),))
                spent.append((time.perf_counter() - began) * 1000)
        return spent

    began = time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        spent = [each for place in pool.map(work, range(connections)) for each in place]
    seconds = time.perf_counter() - began
    return {
        "what": f"SQL alone, {size} a call",
        "connections": connections,
        "rps": round(len(spent) * size / seconds, 1),
        "p50_ms": round(percentile(spent, 0.50), 1),
        "p95_ms": round(percentile(spent, 0.95), 1),
        "p99_ms": round(percentile(spent, 0.99), 1),
    }


def event(webhook_id: str, comment_id: str) -> Row:
    return {
        "webhook_id": webhook_id, "figma_webhook_id": "1001", "event_type": "FILE_COMMENT",
        "event_key": comment_id, "payload": {}, "file_key": "BENCHFILE", "file_name": "Checkout",
        "comment_id": comment_id, "root_comment_id": comment_id, "author_figma_id": "1",
        "author_handle": "Bench", "question": "is this contrast ok?", "asked_at": None,
        "is_addressed": True, "mention_ids": [],
    }  # fmt: skip


def comment_body(passcode: str, comment_id: str) -> bytes:
    """About 700 bytes, as Figma sends them."""
    body = {
        "event_type": "FILE_COMMENT", "webhook_id": "1001", "passcode": passcode,
        "timestamp": "2026-11-22T10:00:00Z", "protocol_version": "2", "retries": 0,
        "file_key": "BENCHFILE", "file_name": "Checkout flow, second round",
        "comment": [{"text": "@buddy "}, {"mention": "811724164054158337"},
                    {"text": " is the contrast of this button text ok for the new brand? "},
                    {"text": ":eyes:"}],
        "comment_id": comment_id, "parent_id": "", "order_id": "23 ", "resolved_at": "",
        "created_at": "2026-11-22T10:00:00Z",
        "mentions": [{"id": "811724164054158337", "handle": "Evan Wallace"}],
        "triggered_by": {"id": "813845097374535682", "handle": "Dylan Field"},
    }  # fmt: skip
    return json.dumps(body).encode()

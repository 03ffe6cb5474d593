"""Measures webhook to posted reply when idle, and 500 model calls of two seconds in flight."""

import time
from contextlib import closing
from typing import Any, NamedTuple

import httpx
import psutil
import psycopg

from bench.calls import bare_cpu_ms
from bench.parts import cpu_seconds
from bench.webhook import event
from local.stage import Stage, answers, percentile, wait_until
from service.store.delivery_store import DeliveryStore

Row = dict[str, Any]
# Spread over many people: nobody has hundreds of questions open at once.
PEOPLE = 100
IN_FLIGHT = 500
MODEL_SECONDS = 2.0
# With this many answers at once, about 500 wait for the model; the others read, post or settle.
ANSWERS_AT_ONCE = 650
# What a deployment pays for. The rest of the stage stands in for others.
OURS = ("worker", "postgres", "api")


class Sample(NamedTuple):
    """A moment of a measurement: when, answers until then, CPU seconds of each part until then."""

    at: float
    answers: int
    cpu: dict[str, float]


def measure_idle(stage: Stage, comments: int = 60) -> list[Row]:
    """Comments one after the other, through the sandbox's webhook; times come from the ledger."""
    stage.start_web()
    sandbox = stage.start_sandbox()
    stage.start_model(delay_ms=200)
    stage.start_worker()
    ada = sandbox.people()[0]
    file = next(each for each in sandbox.files() if each["editor_type"] == "figma")
    owner = stage.sign_in(ada["id"], ada["handle"], ada["token"])
    give_plan(stage, owner)
    webhook_id, passcode = stage.make_webhook(owner, file["key"], "pending")
    made = httpx.post(
        f"{stage.sandbox_url}/v2/webhooks",
        headers={"X-Figma-Token": ada["token"]},
        json={"event_type": "FILE_COMMENT", "context": "file", "context_id": file["key"],
              "endpoint": stage.settings.webhook_url, "passcode": passcode, "status": "PAUSED"},
    ).json()  # fmt: skip
    stage.database.confirm_webhook(webhook_id, made["id"])
    httpx.put(
        f"{stage.sandbox_url}/v2/webhooks/{made['id']}",
        headers={"X-Figma-Token": ada["token"]},
        json={"status": "ACTIVE"},
    ).raise_for_status()
    for number in range(comments):
        sandbox.post_comment(ada["id"], file["key"], f"@buddy is the contrast ok? ({number})")
        wait_until(lambda n=number: answered(stage) > n, 30, "the reply")
    rows = stage.rows("select latency_ms, model_latency_ms from public.usage_logs order by id")
    own = [total - model for total, model in rows[5:]]
    return [
        {
            "what": "webhook to posted reply, less the model's time (idle)",
            "answers": len(own),
            "p50_ms": percentile(own, 0.50),
            "p95_ms": percentile(own, 0.95),
            "p99_ms": percentile(own, 0.99),
        }
    ]


def measure_flight(
    stage: Stage, answers_at_once: int = ANSWERS_AT_ONCE, total: int = 5000
) -> list[Row]:
    """One worker process with about 500 model calls in flight: throughput against the ideal.

    The number in flight follows from Little's law: the rate times the mean time of a call.
    """
    figma_port = stage.sandbox_url.rsplit(":", 1)[1]
    stage.start(
        "figma", "-m", "bench.light_figma", figma_port,
        ready=lambda: answers(f"{stage.sandbox_url}/v1/me"),
    )  # fmt: skip
    stage.start_model(delay_ms=round(MODEL_SECONDS * 1000))
    owner = stage.sign_in("1", "Bench", "token")
    give_plan(stage, owner)
    webhooks = make_webhooks(stage, owner, total)
    with closing(DeliveryStore(stage.settings)) as store:
        for start in range(0, total, 250):
            numbers = range(start, min(start + 250, total))
            store.record_events([question(webhooks[n], n) for n in numbers])
    worker = stage.start_worker(WORKER_CONCURRENCY=str(answers_at_once))
    process = psutil.Process(worker.pid)
    began, peak, samples = time.monotonic(), 0, list[Sample]()
    while not samples or (samples[-1].answers < total and time.monotonic() - began < 180):
        time.sleep(0.5)
        peak = max(peak, process.memory_info().rss)
        samples.append(Sample(time.monotonic(), answered(stage), cpu_seconds()))
    middle = [each for each in samples if total * 0.2 <= each.answers <= total * 0.8]
    first, last = middle[0], middle[-1]
    rate = (last.answers - first.answers) / (last.at - first.at)
    ideal = IN_FLIGHT / MODEL_SECONDS
    (model_seconds,) = stage.rows("select avg(model_latency_ms) / 1000 from public.usage_logs")[0]
    cpu = cpu_ms_per_answer(first, last)
    ours, bare = sum(cpu.get(part, 0.0) for part in OURS), bare_cpu_ms(stage)
    return [
        {
            "what": "one worker, model calls of 2 s",
            "answers": samples[-1].answers,
            "answers_at_once": answers_at_once,
            "model_calls_in_flight": round(rate * float(model_seconds)),
            "answers_per_s": round(rate, 1),
            "ideal_per_s": ideal,
            "ratio": round(rate / ideal, 2),
            "memory_mb": round(peak / 1e6),
            **{f"{part}_cpu_ms": round(spent, 2) for part, spent in sorted(cpu.items())},
            "ours_cpu_ms": round(ours, 2),
            "bare_call_cpu_ms": round(bare, 2),
            "ours_to_bare_call": round(ours / bare, 2),
        }
    ]


def cpu_ms_per_answer(first: Sample, last: Sample) -> dict[str, float]:
    """CPU of an answer by process, between two moments: without what starting and stopping take."""
    answers_between = max(1, last.answers - first.answers)
    return {
        part: (seconds - first.cpu.get(part, 0.0)) * 1000 / answers_between
        for part, seconds in last.cpu.items()
    }


def make_webhooks(stage: Stage, owner: str, count: int) -> list[str]:
    """One webhook per file: a file's webhook covers only that file."""
    with psycopg.connect(stage.settings.database_url.get_secret_value()) as connection:
        rows = connection.execute(
            "insert into public.user_webhooks (user_id, figma_webhook_id, context, context_id,"
            " passcode_encrypted, passcode_hash, state, guest_rule)"
            " select %s, 'w' || n, 'file', 'F' || n, '', 'bench-' || n, 'active', 'owner_pays'"
            " from generate_series(0, %s - 1) as n returning id::text",
            (owner, count),
        ).fetchall()
        connection.execute("analyze public.user_webhooks")
    return [webhook_id for (webhook_id,) in rows]


def question(webhook_id: str, number: int) -> Row:
    """A comment in a thread of its own, by one of a hundred people."""
    author = f"guest-{number % PEOPLE}"
    return {
        **event(webhook_id, "c1"),
        "event_key": f"e{number}",
        "file_key": f"F{number}",
        "author_figma_id": author,
    }


def give_plan(stage: Stage, user_id: str) -> None:
    """A plan with more uses than any benchmark needs."""
    with psycopg.connect(stage.settings.database_url.get_secret_value()) as connection:
        connection.execute(
            "insert into public.plans (code, name, price_microusd, per, uses, period)"
            " values ('bench', 'Bench', 0, 'user', 1000000, 'month') on conflict do nothing"
        )
        connection.execute(
            "insert into public.subscriptions (user_id, plan_code) values (%s, 'bench')", (user_id,)
        )


def answered(stage: Stage) -> int:
    return stage.rows("select count(*) from public.usage_logs where status = 'answered'")[0][0]

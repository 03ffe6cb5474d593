"""The worker process beside its jobs: the queue, the database going away, upkeep."""

import asyncio
import gc
import os
import subprocess
import sys
import threading
import time
import weakref
from datetime import UTC, datetime

import httpx
import pytest

from local.stack.stack import free_port
from service.answering.queue import FencedJobManager, make_connector
from service.store.upkeep_records import ModelPrice
from service.upkeep import price_row
from service.worker import BuddyWorker
from tests.exactly_once.processes import ROOT, work_here, worker
from tests.exactly_once.scene import ADA, Scene, model, sandbox, scene

__all__ = ["model", "sandbox", "scene"]

# Another one takes stages of pipelines.
WORKER = (
    "select id from queue.procrastinate_workers"
    " where id not in (select worker_id from public.pipeline_runners)"
)
WORKER_IS_THERE = f"select exists ({WORKER})"


def test_a_worker_that_is_stopped_while_it_connects_stops(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell_time = FencedJobManager.tell_time

    async def run() -> None:
        one = BuddyWorker(scene.settings)

        async def stop_meanwhile(manager: FencedJobManager) -> None:
            await tell_time(manager)
            if not one._queue.is_stopping:
                one.stop()

        monkeypatch.setattr(FencedJobManager, "tell_time", stop_meanwhile)
        # It is told once.
        await asyncio.wait_for(one.run(), 90)
        one.close()

    asyncio.run(run())


def test_a_worker_is_closed_when_no_thread_is_at_work_any_more(scene: Scene) -> None:
    """Else a call of one would open a connection that nobody closes."""
    begun, called = threading.Event(), []

    async def act(one: BuddyWorker) -> None:
        def call_late() -> None:
            begun.set()
            time.sleep(0.5)
            one.services.database.ping()
            called.append(True)

        late = asyncio.create_task(one.state.ask_database(call_late))
        # A call that no thread has taken yet would not be made.
        await asyncio.to_thread(begun.wait)
        late.cancel()

    work_here(scene, act)
    assert called == [True]


def test_a_question_is_answered_by_a_worker_process(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    with worker(scene) as process:
        answer_id = scene.ask(hook, ADA, "@buddy contrast?")
        scene.wait_until_closed()
        assert process.poll() is None
    assert scene.answer(answer_id)["state"] == "answered"


def test_a_worker_goes_on_after_all_its_connections_were_cut(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))

    async def act(one: BuddyWorker) -> None:
        await asyncio.to_thread(scene.wait_until, WORKER_IS_THERE)
        cut = (
            "select count(pg_terminate_backend(pid)) from pg_stat_activity"
            " where application_name = 'figma-ai-buddy-worker'"
        )
        assert scene.rows(cut)[0]["count"] >= 1
        answer_id = scene.ask(hook, ADA, "@buddy contrast?")
        await asyncio.to_thread(scene.wait_until_closed)
        assert scene.answer(answer_id)["state"] == "answered"

    work_here(scene, act)


def test_what_only_cycles_hold_is_freed_soon(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few answers come: the collector itself would wait for thousands of them."""
    monkeypatch.setattr("service.worker.GARBAGE_SECONDS", 0.05)

    class Cycle:
        itself: "Cycle"

    async def act(_: BuddyWorker) -> None:
        cycle = Cycle()
        cycle.itself = cycle
        seen = weakref.ref(cycle)
        del cycle
        while seen() is not None:
            await asyncio.sleep(0.05)

    gc.disable()
    try:
        work_here(scene, act)
    finally:
        gc.enable()


def test_a_worker_without_its_database_waits_and_can_be_stopped(scene: Scene) -> None:
    nowhere = scene.store.database_url.replace("127.0.0.1", "127.0.0.2")
    with worker(scene, log=subprocess.PIPE, database_url=nowhere) as process:
        assert process.stdout is not None
        # It has begun to ask for the database, and hears signals.
        assert any(b"worker_started" in line for line in process.stdout)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(3)
        process.terminate()
        process.stdout.read()
        assert process.wait(90) == 0


def test_a_job_of_ours_that_nobody_is_at_goes_back_to_the_queue(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))

    async def act(one: BuddyWorker) -> None:
        await asyncio.to_thread(scene.wait_until, WORKER_IS_THERE)
        # As if the reply to "give me a job" had been lost: taken by this worker, unknown to it.
        comment = scene.say(ADA, "@buddy contrast?")
        scene.rows("alter table queue.procrastinate_jobs disable trigger user")
        scene.rows(
            "create function queue.take_at_once() returns trigger language plpgsql as $f$"
            " begin new.status := 'doing';"
            f" new.worker_id := ({WORKER}); return new; end $f$"
        )
        scene.rows(
            "create trigger take_at_once before insert on queue.procrastinate_jobs"
            " for each row execute function queue.take_at_once()"
        )
        try:
            answer_id = scene.record(hook, comment)
        finally:
            scene.rows("drop trigger take_at_once on queue.procrastinate_jobs")
            scene.rows("drop function queue.take_at_once()")
            scene.rows("alter table queue.procrastinate_jobs enable trigger user")
        await asyncio.to_thread(scene.wait_until_closed)
        assert scene.answer(answer_id)["state"] == "answered"

    work_here(scene, act)


def test_the_bots_account_is_learnt_at_start(scene: Scene) -> None:
    scene.sandbox.faults()

    async def act(one: BuddyWorker) -> None:
        await asyncio.to_thread(scene.wait_until, "select exists (select from public.bot_identity)")

    work_here(scene, act)
    (bot,) = scene.rows("select figma_user_id, handle from public.bot_identity")
    assert bot == {"figma_user_id": scene.people["Buddy"]["id"], "handle": "Buddy"}


def test_price_overrides_reach_the_model_chain(scene: Scene) -> None:
    scene.rows(
        "insert into public.model_prices (provider, model, valid_from, input_microusd_per_million,"
        " output_microusd_per_million) values ('openai', 'gpt-5-mini', '2020-01-01', 7, 9)"
    )

    async def act(one: BuddyWorker) -> None:
        for _ in range(200):
            if one.state.chain.prices.rows:
                break
            await asyncio.sleep(0.05)
        (row,) = one.state.chain.prices.rows
        assert (row.input_microusd, row.output_microusd) == (7, 9)

    work_here(scene, act)


def test_a_price_row_keeps_its_times_and_says_where_it_comes_from() -> None:
    row = price_row(
        ModelPrice(
            id=3, provider="openai", model="m", valid_from=datetime(2026, 1, 1, tzinfo=UTC),
            valid_to=None, input_microusd_per_million=1, cached_input_microusd_per_million=None,
            output_microusd_per_million=2, cache_write_microusd_per_million=4, service_tier="flex",
            class_microusd_per_million={"web_searches": 5}, source="",
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
    )  # fmt: skip
    assert row.valid_from == datetime(2026, 1, 1, tzinfo=UTC)
    assert (row.name, row.cached_input_microusd) == ("override 3", None)
    assert (row.cache_write_microusd, row.class_microusd) == (4, {"web_searches": 5})
    assert row.service_tier == "flex"


@pytest.mark.parametrize("missing", ["DATABASE_URL", "SESSION_SECRET"])
def test_a_worker_without_a_setting_stops_and_names_it(scene: Scene, missing: str) -> None:
    environment = {**os.environ, **scene.environment(), missing: ""}
    command = [sys.executable, "-m", "service.worker"]
    ended = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, timeout=30)
    assert ended.returncode != 0
    assert f"{missing}: is missing" in ended.stderr.decode()


def test_a_worker_shows_its_figures_where_a_port_is_set(scene: Scene) -> None:
    port = free_port()
    with worker(scene, worker_metrics_port=port):
        scene.wait_until(WORKER_IS_THERE)
        shown = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    assert "answers_total" in shown and "queue_workers 1.0" in shown


def test_every_connection_of_the_queue_finds_its_tables_without_asking_at_its_start(
    scene: Scene,
) -> None:
    async def paths() -> list[str]:
        connector = make_connector(scene.settings)
        await connector.open_async()
        try:
            pooled = await connector.execute_query_one_async("show search_path")
            assert "search_path" not in connector.pool.conninfo
            async with connector._get_standalone_connection() as listening:
                row = await (await listening.execute("show search_path")).fetchone()
        finally:
            await connector.close_async()
        return [pooled["search_path"], row[0]]

    assert asyncio.run(paths()) == ["queue, public"] * 2


def test_a_purge_goes_on_until_nothing_old_is_left(scene: Scene) -> None:
    scene.rows(
        "insert into public.queue_samples (at, queued, working, deferred, dead_letters,"
        " oldest_seconds, workers) select now() - make_interval(days => 100, mins => n),"
        " 0, 0, 0, 0, 0, 0 from generate_series(1, 5001) as n"
    )

    async def purge() -> None:
        worker = BuddyWorker(scene.settings)
        try:
            await worker._upkeep._purge()
        finally:
            worker.close()

    asyncio.run(purge())
    assert scene.rows("select count(*)::integer as n from public.queue_samples") == [{"n": 0}]

"""Measures model calls of one process, without Figma, queue and ledger: by the chain, and by the
``openai`` client alone, as its documentation shows it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import psutil

from local.stage import MODEL_KEY, Stage
from service.llm import ModelChain, build_prompt

IN_FLIGHT = 500
CALL_SECONDS = 2.0
PROMPT = build_prompt("is the contrast of this button ok?", asker="Bench")
Ask = Callable[[], Awaitable[object]]


def measure(stage: Stage, rounds: int = 4) -> list[dict[str, Any]]:
    """500 calls of 2 s in flight in one event loop, started evenly; rate against the ideal."""
    stage.start_model(delay_ms=int(CALL_SECONDS * 1000))
    ideal = IN_FLIGHT / CALL_SECONDS
    rows = []
    for what, work in (("by the chain", _by_the_chain), ("by the openai client alone", _bare)):
        seconds, cpu = asyncio.run(work(stage, IN_FLIGHT * rounds))
        # The last calls started still take two seconds.
        rate = IN_FLIGHT * rounds / (seconds - CALL_SECONDS)
        rows.append(
            {
                "what": f"model calls {what}, {IN_FLIGHT} of 2 s in flight",
                "calls": IN_FLIGHT * rounds,
                "calls_per_s": round(rate, 1),
                "ideal_per_s": ideal,
                "ratio": round(rate / ideal, 2),
                "memory_mb": round(psutil.Process().memory_info().rss / 1e6),
                "cpu_ms_per_call": round(cpu * 1000 / (IN_FLIGHT * rounds), 2),
            }
        )
    return rows


def bare_cpu_ms(stage: Stage, calls: int = 2 * IN_FLIGHT) -> float:
    """CPU of one call of the ``openai`` client, in a stage whose model is running."""
    _, cpu = asyncio.run(_bare(stage, calls))
    return cpu * 1000 / calls


async def _by_the_chain(stage: Stage, calls: int) -> tuple[float, float]:
    chain = ModelChain(stage.settings)
    chain.warm_up()
    try:
        return await _run(lambda: chain.ask(PROMPT), calls)
    finally:
        await chain.close()


async def _bare(stage: Stage, calls: int) -> tuple[float, float]:
    import httpx2
    import openai

    # Over aiohttp, as we call: its default HTTP client takes more.
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    http = openai.DefaultAioHttpClient(limits=limits)
    async with openai.AsyncOpenAI(
        api_key=MODEL_KEY, base_url=f"{stage.model_url}/v1", http_client=http
    ) as client:
        messages: Any = list(PROMPT.messages)
        model = stage.settings.openai_model

        async def create() -> None:
            await client.chat.completions.create(model=model, messages=messages)

        # What is made once is no cost of a call.
        await create()
        return await _run(create, calls)


async def _run(ask: Ask, calls: int) -> tuple[float, float]:
    """Seconds that they took, and seconds of CPU."""
    places = asyncio.Semaphore(IN_FLIGHT)

    async def one() -> None:
        try:
            await ask()
        finally:
            places.release()

    began, used = time.monotonic(), time.process_time()
    tasks = []
    for number in range(calls):
        await places.acquire()
        due = began + number * CALL_SECONDS / IN_FLIGHT
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        tasks.append(asyncio.create_task(one()))
    await asyncio.gather(*tasks)
    return time.monotonic() - began, time.process_time() - used

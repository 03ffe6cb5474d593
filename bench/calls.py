"""Measures the chain alone: the model calls of one process, without Figma, queue and ledger."""

import asyncio
import time
from typing import Any

import psutil

from local.stage import Stage
from service.llm import ModelChain, build_prompt

IN_FLIGHT = 500
CALL_SECONDS = 2.0


def measure(stage: Stage, rounds: int = 4) -> list[dict[str, Any]]:
    """500 calls of 2 s in flight in one event loop, started evenly; rate against the ideal."""
    stage.start_model(delay_ms=int(CALL_SECONDS * 1000))
    seconds, cpu = asyncio.run(_run(stage, IN_FLIGHT * rounds))
    ideal = IN_FLIGHT / CALL_SECONDS
    # The last calls started still take two seconds.
    rate = IN_FLIGHT * rounds / (seconds - CALL_SECONDS)
    return [
        {
            "what": f"model calls alone, {IN_FLIGHT} of 2 s in flight",
            "calls": IN_FLIGHT * rounds,
            "calls_per_s": round(rate, 1),
            "ideal_per_s": ideal,
            "ratio": round(rate / ideal, 2),
            "memory_mb": round(psutil.Process().memory_info().rss / 1e6),
            "cpu_ms_per_call": round(cpu * 1000 / (IN_FLIGHT * rounds), 2),
        }
    ]


async def _run(stage: Stage, calls: int) -> tuple[float, float]:
    chain = ModelChain(stage.settings)
    chain.warm_up()
    prompt = build_prompt("is the contrast of this button ok?", asker="Bench")
    places = asyncio.Semaphore(IN_FLIGHT)

    async def one() -> None:
        try:
            await chain.ask(prompt)
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
    seconds, cpu = time.monotonic() - began, time.process_time() - used
    await chain.close()
    return seconds, cpu

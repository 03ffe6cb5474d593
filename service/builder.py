"""The builder: plans components, writes their tests, proves and packs them.

``python -m service.builder``. Any number may run, on machines of their own. Generated code runs
only inside bubblewrap, and this process knows no secret of Figma, models, GitHub or people's
connections. If one is killed, the others take over; one that is stopped finishes or gives back.
"""

import asyncio
import base64
import logging
import secrets
import signal
from pathlib import Path
from typing import Any

import structlog
from pydantic import SecretStr

from service.alerts.health import Health
from service.building.builder_state import BuilderState
from service.building.stage_job import StageObserver, ignore
from service.building.stage_worker import BUILDER_QUEUE, StageWorker
from service.config import Settings, load_settings
from service.observing.logs import configure_logs
from service.observing.metrics import serve_metrics
from service.observing.pulse import Pulse
from service.observing.tracing import start_tracing, stop_tracing
from service.store.artifact_store import ArtifactStore
from service.store.database import connect
from service.upkeep import repeat

CONNECTIONS = 8
DISKS_SECONDS = 300
_NONE = "a builder has none"

log = structlog.get_logger(__name__)


class Builder:
    """One builder process. ``run`` returns after ``stop``. ``on_step``: see ``StageJob``."""

    def __init__(self, settings: Settings, *, on_step: StageObserver = ignore):
        self.settings = settings
        self.state = BuilderState(
            settings, connect(settings, connections=CONNECTIONS), ArtifactStore.open(settings)
        )
        self._stages = StageWorker(
            self.state, BUILDER_QUEUE, settings.builder_concurrency, on_step=on_step
        )

    def stop(self) -> None:
        """Take no more stages. Call it in the event loop's own thread."""
        log.info("builder_stopping", running=self._stages.running)
        self._stages.stop()

    async def run(self) -> None:
        seconds = self.settings.worker_heartbeat_seconds
        beside = [
            *self._stages.tasks_beside(),
            repeat(self._recover, seconds),
            repeat(self._tell_disks, DISKS_SECONDS),
        ]
        tasks = [asyncio.create_task(each) for each in beside]
        missing = await self.state.lack()
        log.info("builder_started", concurrency=self.settings.builder_concurrency, missing=missing)
        try:
            await self._stages.run()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.state.close()
            log.info("builder_stopped")

    async def _tell_disks(self) -> None:
        health = Health(self.settings, self.state.database)
        await self.state.ask_database(health.tell_disks)

    async def _recover(self) -> None:
        """Jobs of runners that died, as workers do it: there may be no worker on this machine."""
        recover = self.state.database.recover_stalled
        await self.state.ask_database(recover, self.settings.worker_lease_seconds)


async def run_until_signalled(builder: Builder) -> None:
    """Run ``builder`` until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, builder.stop)
    await builder.run()


def builder_settings(env_file: str | Path | None = ".env") -> Settings:
    """The settings without what a builder has no use for: it needs none of it in its environment,
    and what is there is not taken over. The keys of the database and its API stay."""
    without: dict[str, Any] = {
        "figma_client_id": _NONE,
        "figma_client_secret": SecretStr(_NONE),
        "figma_bot_token": None,
        # Nothing is ever sealed or opened with it.
        "token_encryption_keys": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "session_secret": SecretStr(secrets.token_hex(32)),
        "openai_api_key": None,
        "azure_openai_api_key": None,
        "azure_openai_endpoint": None,
        "model_endpoints": (),
        "github_app_id": "",
        "github_app_private_key": None,
        "smtp_url": None,
    }
    return load_settings(env_file, **without)


async def _main(settings: Settings) -> None:
    builder = Builder(settings)
    if settings.builder_metrics_port:
        pulse = Pulse()
        pulse.start()
        serve_metrics(settings.builder_metrics_port, None, settings.metrics_token, pulse)
    await run_until_signalled(builder)


def main() -> None:
    settings = builder_settings()
    configure_logs(settings)
    # Log lines for each job's start and end would cost more than the job's own bookkeeping.
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    start_tracing(settings, "figma-ai-buddy-builder")
    asyncio.run(_main(settings))
    stop_tracing()


if __name__ == "__main__":
    main()

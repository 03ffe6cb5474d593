"""What a worker does beside its jobs, each task at its own interval: settings, prices, bills,
alerts and what they are raised of, mails of invitations and of drafts that wait, the queue's state,
deleting old rows, the nightly watch over isolation, later looks at what became of advice, and
finding the bot's account."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from procrastinate.exceptions import ProcrastinateException

from service.alerts.draft_mails import DraftMails
from service.alerts.health import Health
from service.answering.advice_reading import AdviceReading
from service.answering.answer_traces import ANNOUNCED
from service.answering.worker_state import WorkerState
from service.errors import ServiceError
from service.figma.errors import FigmaError
from service.inviting.invitations import Invitations
from service.isolation.watch_isolation import IsolationWatch
from service.llm import PriceRow
from service.secrets.unsealing import SealingKeys
from service.store.live_settings import defaults_json
from service.store.upkeep_records import ModelPrice

SETTINGS_SECONDS = 2
PRICES_SECONDS = 60
SAMPLE_SECONDS = 60
ALERTS_SECONDS = 30
INVITATIONS_SECONDS = 5
BUDGETS_SECONDS = 300
PURGE_SECONDS = 3600
BOT_RETRY_SECONDS = 30
DISKS_SECONDS = 300
CERTIFICATE_SECONDS = 3600
DRAFT_MAILS_SECONDS = 30
# How often it is asked whether the nightly watch over isolation is due.
ISOLATION_SECONDS = 600
# How often threads whose answers told of problems may be looked at again.
ADVICE_SECONDS = 600

log = structlog.get_logger(__name__)
Action = Callable[[], Awaitable[None]]


class Upkeep:
    """The upkeep of one worker, on its own connections to the database."""

    def __init__(self, worker: WorkerState):
        self._worker = worker
        self._database = worker.services.database
        self._invitations = Invitations(worker.services.settings, worker.services.database)
        self._advice = AdviceReading(worker)
        self._draft_mails = DraftMails(worker.services.settings, worker.services.database)
        self._health = Health(worker.services.settings, worker.services.database)
        self._isolation = IsolationWatch(worker.services.settings, worker.services.database)

    def tasks(self) -> list[Any]:
        """Coroutines that run until they are cancelled."""
        return [
            repeat(self.read_settings, SETTINGS_SECONDS),
            repeat(self._refresh_prices, PRICES_SECONDS),
            repeat(self._sample_queue, SAMPLE_SECONDS),
            repeat(self._check_budgets, BUDGETS_SECONDS),
            repeat(self._check_bills, BUDGETS_SECONDS),
            repeat(self._check_alerts, ALERTS_SECONDS),
            repeat(self._tell_disks, DISKS_SECONDS),
            repeat(self._tell_certificate, CERTIFICATE_SECONDS, after=SAMPLE_SECONDS),
            repeat(self._mail_drafts, DRAFT_MAILS_SECONDS),
            repeat(self._send_invitations, INVITATIONS_SECONDS),
            repeat(self._tend_partitions, PURGE_SECONDS),
            repeat(self._purge, PURGE_SECONDS),
            # Not at once: a worker that starts has other things to do.
            repeat(self._watch_isolation, ISOLATION_SECONDS, after=ISOLATION_SECONDS),
            repeat(self._advice.run, ADVICE_SECONDS, after=SAMPLE_SECONDS),
            self._announce(),
            self._introduce_bot(),
        ]

    async def read_settings(self) -> None:
        values = await self._worker.ask_database(self._worker.live.refresh)
        self._worker.chain.set_off(values.models_off)

    async def _refresh_prices(self) -> None:
        rows = await self._worker.ask_database(self._database.price_overrides)
        self._worker.chain.set_price_rows([price_row(row) for row in rows])

    async def _sample_queue(self) -> None:
        await self._worker.ask_database(self._database.sample_queue)

    async def _check_budgets(self) -> None:
        for alert in await self._worker.ask_database(self._database.check_budgets):
            log.warning("budget_reached", **alert.to_json())

    async def _check_bills(self) -> None:
        await self._worker.ask_database(self._database.check_bills)

    async def _check_alerts(self) -> None:
        for alert in await self._worker.ask_database(self._database.check_alerts):
            log.warning("alert_raised", kind=alert.kind)

    async def _tell_disks(self) -> None:
        await self._worker.ask_database(self._health.tell_disks)

    async def _tell_certificate(self) -> None:
        try:
            await asyncio.to_thread(self._health.tell_certificate)
        except OSError as error:
            log.warning("certificate_not_read", error=type(error).__name__)

    async def _mail_drafts(self) -> None:
        while (sent := await asyncio.to_thread(self._draft_mails.send_next)) is not None:
            log.log(20 if sent.is_delivered else 30, "draft_mail", reason=sent.reason)

    async def _send_invitations(self) -> None:
        while (sent := await asyncio.to_thread(self._invitations.send_next)) is not None:
            log.log(30 if sent.problem else 20, "invitation_sent", **sent.to_json())

    async def _tend_partitions(self) -> None:
        while (tended := await self._worker.ask_database(self._database.tend_partitions)).is_more:
            log.info("partition_tended", **tended.to_json())

    async def _purge(self) -> None:
        is_more = True
        while is_more:
            purged = await self._worker.ask_database(self._database.purge_expired)
            is_more = purged.is_more
            log.info("expired_purged", **purged.to_json())

    async def _watch_isolation(self) -> None:
        found = await asyncio.to_thread(self._isolation.look)
        if found and found.holes:
            log.error("isolation_broken", holes=[each.to_json() for each in found.holes])
        elif found:
            log.info("isolation_watched", tried=found.tried, problem=found.problem)

    async def _announce(self) -> None:
        """Publish the environment's values, the models in their order, the key to seal with, and
        the rules that stand in prompts."""
        settings = self._worker.services.settings
        models = self._worker.chain.available_models()
        told = (SealingKeys(settings).public, defaults_json(settings))
        while True:
            try:
                await self._worker.ask_database(self._database.announce_service, *told)
                await self._worker.ask_database(self._database.announce_prompts, ANNOUNCED)
                await self._worker.ask_database(self._database.announce_models, models)
            except ServiceError as error:
                log.warning("not_announced", reason=error.code)
                await asyncio.sleep(SETTINGS_SECONDS)
            else:
                return

    async def _introduce_bot(self) -> None:
        """Find the account of FIGMA_BOT_TOKEN: a mention of it addresses the buddy."""
        token = self._worker.bot_token
        while token:
            try:
                bot = await asyncio.to_thread(self._worker.services.figma.me, token)
                register = self._database.register_bot
                await self._worker.ask_database(register, bot.id, bot.handle)
            except ServiceError as error:
                log.warning("bot_unknown", reason=error.code)
                if isinstance(error, FigmaError) and error.permanent:
                    log.error("bot_token_refused", message=error.message)
                await asyncio.sleep(BOT_RETRY_SECONDS)
            else:
                self._worker.bot_user_id, self._worker.bot_handle = bot.id, bot.handle
                return


async def repeat(action: Action, seconds: float, *, after: float = 0) -> None:
    """Run ``action`` ``after`` so many seconds and then every ``seconds``, even if a run fails."""
    await asyncio.sleep(after)
    while True:
        try:
            await action()
        except (ServiceError, ProcrastinateException) as error:
            log.warning("upkeep_failed", action=action.__name__, error=type(error).__name__)
        except Exception:
            log.exception("upkeep_failed", action=action.__name__)
        await asyncio.sleep(seconds)


def price_row(row: ModelPrice) -> PriceRow:
    """One row of model_prices in the form that the chain takes."""
    return PriceRow(
        provider=row.provider,
        model=row.model,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        input_microusd=row.input_microusd_per_million,
        cached_input_microusd=row.cached_input_microusd_per_million,
        output_microusd=row.output_microusd_per_million,
        name=f"override {row.id}",
        cache_write_microusd=row.cache_write_microusd_per_million,
        class_microusd=row.class_microusd_per_million,
        service_tier=row.service_tier,
    )

"""The command "build": the frame under the pin becomes a component, and the thread hears of it
once, when that has ended.

The answer's id is the key of its run, so however often a worker is killed there is one run. Until
the run has ended, the answer is put off without a notice; whatever ends the run queues the answer
again, in the same transaction.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Literal

from service.answering import wording
from service.answering.drafting import Draft, new_draft
from service.answering.thread import Thread
from service.answering.worker_state import WorkerState
from service.database_clock import database_now
from service.figma.addressing import build_name
from service.pipelines.component_names import BadName, name_note, named
from service.pipelines.quality_words import short_row
from service.pipelines.sentences import models_words, state_word, tell, uses_words
from service.store.answer_records import Job
from service.store.pipeline_records import PipelineView

BuildStep = Literal["build_started", "build_awaited"]
_OPTIONS = {"framework": "react", "tests": True, "push": False, "overrides": {}}
# If nothing wakes the answer, it looks by itself.
LOOKS_AGAIN = timedelta(minutes=5)


class BuildRuns(Exception):
    """The run goes on, and the answer is put off until it has ended, or until then."""

    def __init__(self, until: datetime):
        super().__init__("the run goes on")
        self.until = until


class BuildCommand:
    """One attempt at the answer to a "build"."""

    def __init__(
        self,
        worker: WorkerState,
        job: Job,
        read_thread: Callable[[], Awaitable[Thread]],
        observe: Callable[[BuildStep], Awaitable[None]],
    ):
        self.worker = worker
        self.job = job
        self._read_thread = read_thread
        self._observe = observe
        self._database = worker.services.database

    async def draft(self) -> Draft:
        """The reply. Raises BuildRuns while the run goes on."""
        if self.job.payer_id is None:
            return self._say(wording.CONNECT_TO_BUILD.format(link=self.worker.connect_link))
        pipeline_id = await self._await()
        if pipeline_id is None:
            refusal = await self._start()
            if refusal is not None:
                return refusal
            await self._observe("build_started")
            pipeline_id = await self._await()
        assert pipeline_id is not None
        show = self._database.show_pipeline
        shown = await self.worker.ask_database(show, self.job.payer_id, pipeline_id)
        if shown is None:
            return self._say(wording.BUILD_GONE)
        link = f"{self.worker.services.settings.public_url}/build/{pipeline_id}"
        return self._say(result_words(shown, link), link)

    async def _start(self) -> Draft | None:
        """Start the run, or say why not."""
        thread = await self._read_thread()
        if thread.node_id is None:
            return self._say(wording.PIN_TO_BUILD)
        job = self.job
        asked = build_name(job.question)
        if asked is None:
            return self._say(wording.BUILD_WHAT)
        try:
            name, options = named(asked, _OPTIONS)
        except BadName as error:
            return self._say(wording.BUILD_MISNAMED.format(why=error.message))
        settings = self.worker.services.settings
        started = await self.worker.ask_database(
            self._database.start_pipeline,
            job.payer_id,
            "comment",
            job.file_key,
            thread.node_id,
            name,
            options,
            request_id=job.request_id,
            trace_parent=job.trace_parent,
            idempotency_key=answer_key(job.id),
            at_once=settings.pipelines_per_team,
            ceiling_microusd=settings.pipeline_ceiling_microusd,
            unbilled_microusd=self.worker.values.unbilled_microusd_per_day,
        )
        if started.id is not None:
            return None
        return self._say(str(tell(started.code, started.params)))

    async def _await(self) -> str | None:
        """The id of the run once it has ended; None if there is none yet. Raises BuildRuns."""
        until = database_now() + LOOKS_AGAIN
        waiting = await self.worker.ask_database(
            self._database.await_pipeline, self.job.id, self.job.attempt, until
        )
        if waiting.state in (None, "done", "failed", "cancelled"):
            return waiting.pipeline_id
        await self._observe("build_awaited")
        raise BuildRuns(until)

    def _say(self, body: str, *links: str) -> Draft:
        return new_draft(self.worker, self.job, body, links=links)


def answer_key(answer_id: str) -> str:
    """The key of the run of an answer; ``public.await_pipeline`` makes the same."""
    return f"answer:{answer_id}"


def result_words(run: PipelineView, link: str) -> str:
    """What became of a run, with its figures where it has some."""
    name = str(run.facts.get("component") or "") or run.component or "The component"
    if run.state == "cancelled":
        return wording.BUILD_CANCELLED.format(name=name, link=link)
    if run.state == "failed":
        return wording.BUILD_FAILED.format(name=name, why=tell(run.code, run.params), link=link)
    word = state_word(run.state, run.verdict)
    figures = short_row(run.quality.to_json()) if run.quality else ""
    uses = uses_words(run.state, is_charged=run.is_charged)
    models = models_words(run.state, run.model_calls, run.cost_microusd, unknown=run.unknown_calls)
    cost = f"{uses} AI models: {models}" if run.model_calls else uses
    note = name_note(name, run.options)
    parts = (f"{name}: {word.doing}", note, figures and f"Figures: {figures}.", cost)
    return "\n".join((*filter(None, parts), wording.BUILD_LINK.format(link=link)))

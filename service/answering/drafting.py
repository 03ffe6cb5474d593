"""What the reply says: a review by a model or by rules, or a refusal, an invitation, a command."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from uuid import UUID

from service.answering import wording
from service.answering.accounts import Accounts
from service.answering.answer_traces import trace_of
from service.answering.asking import Asked, ask_models
from service.answering.booked_usage import carry, kept_usage, usage_of
from service.answering.design import Design, work_on
from service.answering.outcomes import lost_attempts
from service.answering.picture import Seen, see_frame
from service.answering.thread import Thread
from service.answering.worker_state import Context, WorkerState
from service.figma.addresses import addresses_in
from service.figma.addressing import has_reply_form
from service.figma.replies import compose_reply, reply_reference
from service.llm import MAX_THREAD_LINES, Prompt, build_prompt
from service.observing.metrics import observe_model_calls
from service.review import measured_review
from service.store.answer_records import BookedUsage, DraftJson, Job, TraceJson

# Why a use goes back: the team lets nothing out to models.
KEPT_IN = "model_sharing"


@dataclass(frozen=True)
class Draft:
    """A reply before it is posted, stored in the answer's row. ``text`` is the whole comment.
    ``links`` are the addresses in it that come from the thread, or are our own. ``trace``: what was
    sent to models for it, in this attempt."""

    body: str
    text: str
    decision: str
    reason: str
    run: int
    usage: BookedUsage = field(default_factory=BookedUsage)
    links: tuple[str, ...] = ()
    trace: TraceJson | None = None

    def to_json(self) -> DraftJson:
        told: DraftJson = {
            "body": self.body,
            "text": self.text,
            "decision": self.decision,
            "reason": self.reason,
            "run": self.run,
            "usage": self.usage,
            "links": list(self.links),
        }
        if self.trace is not None:
            told["trace"] = self.trace
        return told


def stored_draft(worker: WorkerState, job: Job) -> Draft | None:
    """The draft of an earlier attempt, if it still fits the decision."""
    kept = job.draft
    if not kept or (kept.decision, kept.reason) != (job.decision, job.reason):
        return None
    if not kept.text:
        # Its webhook's owner has put it into other words. Whoever asked is told so.
        body = f"{kept.body}\n\n{wording.PREVIEW_EDITED}"
        return new_draft(worker, job, body, kept.usage, kept.links)
    if kept.run != job.run:
        # In a replay the count in the last line has changed, and the old cost is booked already.
        return new_draft(worker, job, kept.body, kept.about, kept.links)
    return Draft(
        kept.body,
        kept.text,
        kept.decision,
        kept.reason,
        kept.run,
        usage=kept.usage or {},
        links=kept.links,
    )


def new_draft(
    worker: WorkerState,
    job: Job,
    body: str,
    usage: BookedUsage | None = None,
    links: Iterable[str] = (),
) -> Draft:
    known = tuple(links)
    text = compose_reply(
        worker.marker,
        body,
        _footer(job, is_free=bool(usage and usage.get("is_free"))),
        reply_reference(UUID(job.id)),
        addressing=worker.addressing,
        allowed_links=(*worker.own_links, *known),
    )
    kept = tuple(sorted(addresses_in([text]))) if known else ()
    return Draft(body, text, job.decision, job.reason, job.run, usage or {}, kept)


def _footer(job: Job, *, is_free: bool) -> str:
    if job.decision != "answer":
        return ""
    usage = job.usage
    if is_free and usage and usage.left is not None:
        # The one that is reserved for it goes back.
        usage = replace(usage, left=usage.left + 1)
    return wording.footer(usage)


def plain_reply(worker: WorkerState, job: Job) -> Draft:
    """The reply to a comment that is not reviewed: a refusal, an invitation or a command."""
    settings = worker.services.settings
    if job.decision == "invite":
        body = wording.invitation(job.author_handle, worker.connect_link)
    elif job.command and job.command != "build" and job.decision == "command":
        body = wording.command_answer(
            job.command,
            job.usage,
            worker.connect_link,
            job.reason,
            help_link=worker.help_link,
            plans_link=worker.plans_link,
        )
    else:
        body = wording.refusal(
            job.reason,
            job.usage,
            plans_link=worker.plans_link,
            support_link=settings.support_url,
            answers_per_minute=worker.values.answers_per_minute,
            author_replies=worker.values.author_replies_per_day,
        )
    return new_draft(worker, job, body + _pause_note(worker, job))


async def review(accounts: Accounts, job: Job, thread: Thread, design: Design) -> Draft:
    """Ask the chain. If no model answers, write up the measured facts. Always returns a draft."""
    worker = accounts.worker
    context = await worker.context_of(
        job.context_user_id, job.context_version, is_askers_own=job.author_is_connected
    )
    prompt = await work_on(design.document, _build_prompt, job, thread, design, context)
    seen = await see_frame(accounts, job, design, prompt.model)
    prompt = replace(prompt, picture=seen.picture)
    started = time.monotonic()
    # Those whose question or design it is may let nothing out to a provider.
    asked = await ask_models(worker, job.id, prompt) if job.flags.model_answers else Asked(None)
    body = asked.text or _measured(job, design, context, asked)
    if asked.text:
        notes = (design.gap, _picture_note(asked, seen))
        body = "\n\n".join((body, *(note for note in notes if note)))
    took = round((time.monotonic() - started) * 1000)
    used = usage_of(
        asked.attempts, design, took, guidance=context.fields, grounding=asked.grounding
    )
    usage = carry(kept_usage(job), used, lost_attempts(job))
    if asked.is_stopped:
        usage["is_free"] = True
    elif job.flags.model_sharing == "nothing":
        usage["is_free"], usage["free_reason"] = True, KEPT_IN
    observe_model_calls(asked.attempts)
    links = _known_links(job, thread, design)
    draft = new_draft(worker, job, body + _pause_note(worker, job), usage, links)
    trace = trace_of(asked.prompt, asked.attempts, saw_picture=asked.saw_picture)
    return replace(draft, trace=trace)


def _picture_note(asked: Asked, seen: Seen) -> str:
    if asked.saw_picture:
        return wording.PICTURE_SEEN
    gap = "model" if seen.picture else seen.gap
    return wording.no_picture(gap) if gap else ""


def _measured(job: Job, design: Design, context: Context, asked: Asked) -> str:
    """The review by rules, which says why it stands there."""
    is_withheld = asked.grounding == "fell_back"
    why_free = ""
    if asked.is_stopped:
        why_free = wording.DAY_SPENT
    elif job.flags.model_sharing == "nothing":
        why_free = wording.KEPT_IN
    if why_free:
        return (
            f"{_review(job, design, context, wording.nothing_measured(design.gap))}\n\n{why_free}"
        )
    nothing = wording.nothing_measured(design.gap, is_withheld=is_withheld)
    review = _review(job, design, context, nothing)
    return f"{review}\n\n{wording.WITHHELD}" if is_withheld and design.facts else review


def _review(job: Job, design: Design, context: Context, nothing: str) -> str:
    """``nothing``: what it says where there is no design."""
    return measured_review(
        job.question,
        design.facts,
        context.guidance,
        no_design_reason=nothing,
        would_pass=[each.sentence for each in design.would_pass],
    )


def _known_links(job: Job, thread: Thread, design: Design) -> frozenset[str]:
    """Addresses in the part of the thread that the model read, and Figma's own link."""
    read = thread.earlier[-MAX_THREAD_LINES:]
    said = [each.text for each in read if not has_reply_form(each.text)]
    return addresses_in([thread.question.message, job.question, *said, design.gap])


def _build_prompt(job: Job, thread: Thread, design: Design, context: Context) -> Prompt:
    return build_prompt(
        job.question,
        asker=job.author_handle,
        thread=thread.earlier,
        guidance=context.guidance,
        facts=design.facts,
        would_pass=[each.as_line() for each in design.would_pass],
        document=design.document,
        # The name from Figma: a delivery may give the file any name.
        file_name=design.file_name,
        note=design.gap or (wording.NO_NODE if design.state == "no_node" else ""),
        model=context.model if job.flags.model_choice else None,
    )


def _pause_note(worker: WorkerState, job: Job) -> str:
    """The last reply before the loop breaker opens says so. Every reply counts for the loop
    breaker. After "stop" there is no note, because silence was requested."""
    is_last = job.replies_in_thread + 1 >= worker.values.loop_breaker_replies
    if not is_last or job.command == "stop":
        return ""
    return f"\n\n{wording.pause(worker.values.loop_breaker_window_seconds)}"

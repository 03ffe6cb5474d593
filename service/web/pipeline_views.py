"""How a run is shown: the JSON of the API, and what the page says of it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from service.pipelines.component_names import name_note
from service.pipelines.editing.edit_sentences import told as told_of_edit
from service.pipelines.quality_words import Shown, show_figures
from service.pipelines.sentences import (
    ENDED,
    STAGE_WORDS,
    STAGES,
    StateWord,
    Told,
    can_help_to_retry,
    models_words,
    state_word,
    tell,
    tell_attempt,
    uses_words,
    what_next,
)
from service.store.pipeline_records import (
    Artifact,
    PipelineSummary,
    PipelineView,
    StageAttempt,
)
from service.web.pipeline_links import api_of, artifact_url, frame_url, page_of, pull_request_url

Json = dict[str, Any]
# What people may download. The others are for the stages, or hold the whole design as Figma sent
# it, which the file's owner has not shared with the whole team.
KINDS: Final = ("zip", "report", "candidate", "tests", "spec", "gate", "picture", "render")
# The widths in px at which every component is shown, as the gate has them.
WINDOWS: Final = (360, 768, 1200, 1920)
_FILE_WORDS: Final = {
    "zip": "ZIP of everything",
    "report": "Report (HTML)",
    "candidate": "Code (JSON)",
    "tests": "Tests (JSON)",
    "spec": "Plan (JSON)",
    "gate": "Checks (JSON)",
}
_SOURCES: Final = {"page": "on this page", "api": "through the API", "comment": "by a comment"}


@dataclass(frozen=True)
class FileLink:
    """One file of a run. ``width``: of a render, in px."""

    kind: str
    word: str
    href: str
    bytes: int
    width: int | None = None


@dataclass(frozen=True)
class StageRow:
    """One stage of one round. ``state``: waiting, running, done, failed or left_out.
    ``is_retried``: its last attempt failed, and another comes by itself. ``model_said``: what came
    of asking a model there."""

    word: str
    does: str
    state: str
    round: int = 0
    attempts: int = 0
    seconds: float | None = None
    told: Told | None = None
    is_retried: bool = False
    model_said: str = ""


@dataclass(frozen=True)
class RunRow:
    """A run in the list."""

    page: str
    name: str
    word: StateWord
    created_at: datetime
    told: Told | None


@dataclass(frozen=True)
class RunPage:
    """All that the page of a run says."""

    page: str
    name: str
    state: str
    verdict: str | None
    word: StateWord
    next: str
    told: Told | None
    untested_why: str
    name_note: str
    figma_url: str
    created_at: datetime
    source_words: str
    seconds: float | None
    stages: list[StageRow]
    figures: list[Shown]
    metric_version: int
    rounds: int
    uses_words: str
    model_words: str
    design: FileLink | None
    pictures: list[FileLink]
    own_width: int | None
    zip: FileLink | None
    report: FileLink | None
    files: list[FileLink]
    has_plan: bool
    pull_request: str
    push_told: Told | None
    failures: tuple[str, ...] = ()
    can_retry: bool = False
    retry_word: str = ""
    before: int = 0
    good: int = field(init=False)
    judged: int = field(init=False)

    def __post_init__(self) -> None:
        verdicts = [each.verdict for each in self.figures]
        object.__setattr__(self, "good", verdicts.count("good"))
        object.__setattr__(self, "judged", verdicts.count("good") + verdicts.count("bad"))

    @property
    def is_ended(self) -> bool:
        return self.state in ENDED

    @property
    def can_cancel(self) -> bool:
        return not self.is_ended

    @property
    def has_passed(self) -> bool:
        return self.state == "done" and self.verdict == "passed" and self.zip is not None


def run_row(run: PipelineSummary) -> RunRow:
    return RunRow(
        page=page_of(run.id),
        name=name_of(run),
        word=state_word(run.state, run.verdict),
        created_at=run.created_at,
        told=_failure(run),
    )


def run_page(
    run: PipelineView, *, failures: tuple[str, ...] = (), now: datetime | None = None
) -> RunPage:
    """``failures``: what the checks found wrong with the result."""
    now = now or datetime.now(UTC)
    round = chosen_round(run)
    chosen = next((each for each in run.qualities if each.round == round), None)
    kept = [each for each in run.artifacts if _can_be_had(each)]
    renders = sorted(
        (each for each in kept if each.kind == "render" and each.round == round),
        key=lambda each: int(each.name or 0),
    )
    newest = {kind: _newest(kept, kind, round) for kind in (*_FILE_WORDS, "picture")}
    files = {kind: _link(run, each) for kind, each in newest.items() if each}
    told = _failure(run)
    return RunPage(
        page=page_of(run.id),
        name=name_of(run),
        state=run.state,
        verdict=run.verdict,
        word=state_word(run.state, run.verdict),
        next=told.next_step if told else what_next(run.state, run.verdict),
        told=told,
        untested_why=tell(run.code, run.params).why
        if run.code and run.verdict == "not_tested"
        else "",
        name_note=name_note(name_of(run), run.options),
        figma_url=frame_url(run.file_key, run.node_id),
        created_at=run.created_at,
        source_words=_SOURCES.get(run.source, run.source),
        seconds=_run_seconds(run, now),
        stages=_stage_rows(run, now),
        figures=show_figures(chosen.to_json()) if chosen else [],
        metric_version=chosen.metric_version if chosen else 0,
        rounds=max((each.round for each in run.qualities), default=0),
        uses_words=uses_words(run.state, is_charged=run.is_charged),
        model_words=models_words(
            run.state, run.model_calls, run.cost_microusd, unknown=run.unknown_calls
        ),
        design=files.get("picture"),
        pictures=[_link(run, each) for each in renders],
        own_width=_own_width(renders),
        zip=files.get("zip"),
        report=files.get("report"),
        files=[files[kind] for kind in _FILE_WORDS if kind in files],
        has_plan="spec" in files,
        pull_request=pull_request_of(run),
        push_told=_push_failure(run),
        failures=failures,
        can_retry=run.state == "failed" and can_help_to_retry(run.code, run.files_until, now),
        retry_word=_retry_word(run),
        before=run.before or 0,
    )


def short_json(run: PipelineSummary) -> Json:
    return {
        "id": run.id,
        "state": run.state,
        "verdict": run.verdict,
        "source": run.source,
        "file_key": run.file_key,
        "node_id": run.node_id,
        "component": name_of(run),
        "created_at": run.created_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "code": run.code or None,
        "href": api_of(run.id),
        "page": page_of(run.id),
    }


def whole_json(run: PipelineView) -> Json:
    """Without anything that changes by itself, so that an equal answer has an equal ETag."""
    chosen = next((each for each in run.qualities if each.is_chosen), None)
    row = chosen.to_json() if chosen else None
    return {
        **short_json(run),
        "options": run.options,
        "seconds": _run_seconds(run, None),
        "stages": [_stage_json(each) for each in run.stages],
        "quality": row,
        "figures": [vars_of(each) for each in show_figures(row)] if row else [],
        "cost": {
            "uses": int(run.is_charged),
            "model_microusd": None if run.unknown_calls else run.cost_microusd,
            "model_calls": run.model_calls,
            "ceiling_microusd": run.ceiling_microusd,
        },
        "failure": failure_json(run.code, run.params) if run.state == "failed" else None,
        "name_note": name_note(name_of(run), run.options) or None,
        "next": what_next(run.state, run.verdict),
        "artifacts": [_artifact_json(run, each) for each in run.artifacts if _can_be_had(each)],
        "pull_request": pull_request_of(run) or None,
        "push_failure": failure_json(*failed) if (failed := _failed_push(run)) else None,
    }


def failure_json(code: str, params: Any) -> Json:
    told = tell(code, params)
    return {"code": code, "happened": told.happened, "why": told.why, "next": told.next_step}


def vars_of(shown: Shown) -> Json:
    names = ("label", "value", "meaning", "wanted", "verdict")
    return {name: getattr(shown, name) for name in names}


def name_of(run: PipelineSummary) -> str:
    """As it is called in its plan; before there is one, as it was asked for."""
    planned = run.facts.get("component")
    return (planned if isinstance(planned, str) else "") or run.component or f"Frame {run.node_id}"


def chosen_round(run: PipelineView) -> int:
    """The round whose candidate is the result; while none is chosen, the newest with figures."""
    chosen = [each.round for each in run.qualities if each.is_chosen]
    rounds = [each.round for each in run.qualities]
    return chosen[0] if chosen else max(rounds, default=run.round)


def pull_request_of(run: PipelineView) -> str:
    found = run.facts.get("pull_request")
    url = found.get("url") if isinstance(found, dict) else found
    return pull_request_url(url) if isinstance(url, str) else ""


def _failed_push(run: PipelineView) -> tuple[str, Any] | None:
    """Why a component that was to be pushed after its run's end was not: a code, its parameters."""
    found = run.facts.get("push_failed")
    return (str(found.get("code")), found.get("params")) if isinstance(found, dict) else None


def _push_failure(run: PipelineView) -> Told | None:
    failed = _failed_push(run)
    return tell(*failed) if failed else None


def _failure(run: PipelineSummary) -> Told | None:
    return tell(run.code, run.params) if run.state == "failed" else None


def _own_width(renders: Iterable[Artifact]) -> int | None:
    """The design's own width, in which it is compared, in px; None where it is a usual one."""
    others = {int(each.name) for each in renders} - {*WINDOWS}
    return others.pop() if len(others) == 1 else None


def _newest(artifacts: Iterable[Artifact], kind: str, round: int) -> Artifact | None:
    """That of the round, or of the last one before: a plan and a picture are of the first."""
    found = [each for each in artifacts if each.kind == kind and each.round <= round]
    return max(found, key=lambda each: each.round, default=None)


def _link(run: PipelineView, artifact: Artifact) -> FileLink:
    return FileLink(
        kind=artifact.kind,
        word=_FILE_WORDS.get(artifact.kind, artifact.kind),
        href=artifact_url(run.id, artifact.kind, artifact.round, artifact.name),
        bytes=artifact.bytes,
        width=int(artifact.name) if artifact.name.isdecimal() else None,
    )


def _can_be_had(artifact: Artifact) -> bool:
    """Whether its address leads to it. What a model began with, and what it has left out, is kept
    under a name beside the result: that is for the stages alone."""
    name = r"[1-9][0-9]{0,3}" if artifact.kind == "render" else ""
    return artifact.kind in KINDS and re.fullmatch(name, artifact.name) is not None


def _artifact_json(run: PipelineView, artifact: Artifact) -> Json:
    link = _link(run, artifact)
    return {
        "kind": artifact.kind,
        "round": artifact.round,
        "width": link.width,
        "bytes": artifact.bytes,
        "media_type": artifact.media_type,
        "sha256": artifact.sha256,
        "href": link.href,
    }


def _stage_json(stage: StageAttempt) -> Json:
    return {
        "stage": stage.stage,
        "round": stage.round,
        "attempt": stage.attempt,
        "state": stage.state,
        "began_at": stage.began_at.isoformat(),
        "ended_at": stage.ended_at.isoformat() if stage.ended_at else None,
        "seconds": _seconds(stage, None),
        "code": stage.code or None,
        "message": str(tell_attempt(stage.code, stage.params)) if stage.code else None,
        "model": _model_said(stage) or None,
    }


def _stage_rows(run: PipelineView, now: datetime) -> list[StageRow]:
    """One row for each stage and round, in the order in which they were begun; then what is to
    come."""
    tries: dict[tuple[int, str], list[StageAttempt]] = {}
    for each in sorted(run.stages, key=lambda each: (each.began_at, each.attempt)):
        tries.setdefault((each.round, each.stage), []).append(each)
    rows = [_tried(run, found, now) for found in tries.values()]
    begun = {stage for _, stage in tries}
    for stage in STAGES:
        is_extra = stage == "repair" or (stage == "push" and not run.options.get("push"))
        if stage in begun or (is_extra and stage != run.state):
            continue
        if run.state in ENDED:
            rows.append(_row(stage, "left_out"))
        else:
            rows.append(_row(stage, "running" if stage == run.state else "waiting"))
    return rows


def _row(stage: str, state: str, **more: Any) -> StageRow:
    word = STAGE_WORDS[stage]
    return StageRow(word.word, word.does, state, **more)


def _tried(run: PipelineView, tries: list[StageAttempt], now: datetime) -> StageRow:
    last = tries[-1]
    goes_on = run.state == last.stage and run.round == last.round
    state = {"lost": "failed", "cancelled": "left_out"}.get(last.state, last.state)
    is_retried = goes_on and state == "failed"
    return _row(
        last.stage,
        "running" if is_retried else state,
        round=last.round,
        attempts=len(tries),
        seconds=_seconds(last, now),
        told=tell_attempt(last.code, last.params) if last.code and state == "failed" else None,
        is_retried=is_retried,
        model_said=_model_said(last),
    )


def _model_said(stage: StageAttempt) -> str:
    reason = stage.facts.get("model")
    return told_of_edit(reason) if isinstance(reason, str) else ""


def _seconds(stage: StageAttempt, now: datetime | None) -> float | None:
    end = stage.ended_at or now
    return round((end - stage.began_at).total_seconds(), 1) if end else None


def _run_seconds(run: PipelineView, now: datetime | None) -> float | None:
    end = run.ended_at or now
    if run.started_at is None or end is None:
        return None
    return max(0.0, round((end - run.started_at).total_seconds(), 1))


def _retry_word(run: PipelineView) -> str:
    word = STAGE_WORDS.get(run.failed_stage or "")
    return f"from {word.word}" if word else ""

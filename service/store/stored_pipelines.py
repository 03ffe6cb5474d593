"""The SQL functions for pipelines: asked for by web, worked on by worker and builder, read by their
people."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service.store.answer_records import BookedUsage
from service.store.pipeline_records import (
    BookedCall,
    FoundArtifact,
    Kind,
    OrphanPage,
    PipelineStart,
    PipelineSummary,
    PipelineView,
    RecoveredStages,
    Reserved,
    Source,
    StageBeat,
    StageEnd,
    StageTask,
    StoredArtifact,
)
from service.store.sql_calls import SqlCalls


class StoredPipelines(SqlCalls):
    """A part of ``Database``. A stage is named by (pipeline, stage, round, attempt)."""

    def start_pipeline(
        self,
        user_id: str,
        source: Source,
        file_key: str,
        node_id: str,
        component: str,
        options: Mapping[str, Any],
        *,
        request_id: str,
        trace_parent: str,
        idempotency_key: str | None,
        at_once: int,
        ceiling_microusd: int,
        unbilled_microusd: int | None,
        most_queued: int = 100,
    ) -> PipelineStart:
        """With a key the call may be repeated: the pipeline of then comes back. Without one a
        repeated call would start another, so it is not repeated."""
        return self._read(
            PipelineStart.from_json,
            "start_pipeline",
            idempotency_key is not None,
            user_id=user_id,
            source=source,
            file_key=file_key,
            node_id=node_id,
            component=component,
            options=options,
            request_id=request_id,
            trace_parent=trace_parent,
            idempotency_key=idempotency_key,
            at_once=at_once,
            ceiling_microusd=ceiling_microusd,
            unbilled_microusd=unbilled_microusd,
            most_queued=most_queued,
        )

    def cancel_pipeline(self, user_id: str, id: str) -> PipelineSummary:
        """Raises NotFound if it is not theirs."""
        return self._read(PipelineSummary.from_json, "cancel_pipeline", user_id=user_id, id=id)

    def retry_pipeline(
        self, user_id: str, id: str, *, unbilled_microusd: int | None, most_queued: int = 100
    ) -> PipelineStart:
        """Raises NotFound if it is not theirs. A lost answer is safe: a second call is refused with
        the code ``pipeline_not_failed``."""
        return self._read(
            PipelineStart.from_json,
            "retry_pipeline",
            False,
            user_id=user_id,
            id=id,
            unbilled_microusd=unbilled_microusd,
            most_queued=most_queued,
        )

    def push_pipeline(self, user_id: str, id: str) -> PipelineStart:
        """Raises NotFound if it is not theirs. A second call finds it being pushed, or pushes
        again, which changes nothing at GitHub."""
        return self._read(PipelineStart.from_json, "push_pipeline", user_id=user_id, id=id)

    def list_pipelines(
        self,
        user_id: str,
        *,
        before: datetime | None = None,
        before_id: str | None = None,
        limit: int = 50,
    ) -> list[PipelineSummary]:
        """Theirs and their team's, the newest first, those before a moment and an id."""
        return self._list(
            PipelineSummary.from_json,
            "list_pipelines",
            user_id=user_id,
            before=before,
            before_id=before_id,
            limit=limit,
        )

    def show_pipeline(self, user_id: str, id: str) -> PipelineView | None:
        return self._find(PipelineView.from_json, "show_pipeline", user_id=user_id, id=id)

    def find_artifact(
        self, user_id: str, id: str, kind: Kind, *, round: int | None = None, name: str = ""
    ) -> FoundArtifact | None:
        """Without a round: of the candidate that the customer gets, else of the newest."""
        return self._find(
            FoundArtifact.from_json,
            "find_artifact",
            user_id=user_id,
            id=id,
            kind=kind,
            round=round,
            name=name,
        )

    # For runners

    def begin_stage(
        self, pipeline_id: str, stage: str, round: int, lease_seconds: float, runner: str
    ) -> StageTask | None:
        """None: there is nothing to do. ``runner`` is a name of this taking alone: the call may be
        sent again."""
        return self._find(
            StageTask.from_json,
            "begin_stage",
            pipeline_id=pipeline_id,
            stage=stage,
            round=round,
            lease_seconds=lease_seconds,
            runner=runner,
        )

    def beat_stage(
        self, pipeline_id: str, stage: str, round: int, attempt: int, lease_seconds: float
    ) -> StageBeat:
        return self._read(
            StageBeat.from_json,
            "beat_stage",
            pipeline_id=pipeline_id,
            stage=stage,
            round=round,
            attempt=attempt,
            lease_seconds=lease_seconds,
        )

    def reserve_stage_call(
        self, pipeline_id: str, stage: str, round: int, attempt: int, microusd: int
    ) -> Reserved:
        """In place of what the attempt had reserved. Granted is at most what is left."""
        return self._read(
            Reserved.from_json,
            "reserve_stage_call",
            pipeline_id=pipeline_id,
            stage=stage,
            round=round,
            attempt=attempt,
            microusd=microusd,
        )

    def book_stage_call(
        self,
        pipeline_id: str,
        stage: str,
        round: int,
        attempt: int,
        number: int,
        outcome: str,
        usage: BookedUsage,
        *,
        is_last: bool = False,
        artifacts: Sequence[Mapping[str, Any]] = (),
    ) -> BookedCall:
        """``number`` counts the calls of the attempt from 1. ``outcome`` is answered, or why not.
        ``artifacts`` as in ``end_stage``: what the call has made, so that no other attempt has to
        ask again."""
        return self._read(
            BookedCall.from_json,
            "book_stage_call",
            pipeline_id=pipeline_id,
            stage=stage,
            round=round,
            attempt=attempt,
            number=number,
            outcome=outcome,
            usage=usage,
            is_last=is_last,
            artifacts=list(artifacts),
        )

    def end_stage(
        self, pipeline_id: str, stage: str, round: int, attempt: int, result: Mapping[str, Any]
    ) -> StageEnd:
        """result: next, artifacts (kind, path, bytes, sha256, media_type, name, round), quality,
        facts (of the pipeline), stage_facts. Raises Conflict if another attempt has taken over."""
        return self._read(
            StageEnd.from_json,
            "end_stage",
            pipeline_id=pipeline_id,
            stage=stage,
            round=round,
            attempt=attempt,
            result=result,
        )

    def fail_stage(
        self,
        pipeline_id: str,
        stage: str,
        round: int,
        attempt: int,
        code: str,
        params: Mapping[str, Any],
        retry_at: datetime | None,
        is_excused: bool = False,
    ) -> StageEnd:
        """Without ``retry_at`` the pipeline fails. ``is_excused``: it does not count as a failure.
        Raises Conflict as above."""
        return self._read(
            StageEnd.from_json,
            "fail_stage",
            pipeline_id=pipeline_id,
            stage=stage,
            round=round,
            attempt=attempt,
            code=code,
            params=params,
            retry_at=retry_at,
            is_excused=is_excused,
        )

    def keep_stage_artifacts(
        self,
        pipeline_id: str,
        stage: str,
        round: int,
        attempt: int,
        artifacts: Sequence[Mapping[str, Any]],
    ) -> bool:
        """Before the attempt ends; as in ``end_stage``. False: it no longer counts."""
        return self._value(
            bool,
            "keep_stage_artifacts",
            pipeline_id=pipeline_id,
            stage=stage,
            round=round,
            attempt=attempt,
            artifacts=list(artifacts),
        )

    def find_design(self, pipeline_id: str, file_version: str | None) -> list[StoredArtifact]:
        """What another pipeline of the same owner has of the same layer in this version; None: in
        any."""
        return self._list(
            StoredArtifact.from_json,
            "find_design",
            pipeline_id=pipeline_id,
            file_version=file_version,
        )

    def figma_limit_left(self, figma_user_id: str, file_key: str, tier: int) -> int | None:
        """For how many seconds Figma gives this account no calls, as far as it has said."""
        return self._find(
            int, "figma_limit_left", figma_user_id=figma_user_id, file_key=file_key, tier=tier
        )

    def recover_stages(self, lease_seconds: float) -> RecoveredStages:
        return self._read(RecoveredStages.from_json, "recover_stages", lease_seconds=lease_seconds)

    def expire_artifacts(self, most: int = 500) -> list[str]:
        """Paths of files to remove; then ``forget_artifacts``."""
        return self._list(str, "expire_artifacts", most=most)

    def forget_artifacts(self, paths: Sequence[str]) -> int:
        return self._value(int, "forget_artifacts", paths=list(paths))

    def orphaned_artifacts(self, after: str = "", most: int = 1000) -> OrphanPage:
        return self._read(OrphanPage.from_json, "orphaned_artifacts", after=after, most=most)

"""The SQL functions for analyses of a selection: asked for by web, worked on by workers, read by
their asker."""

from collections.abc import Mapping, Sequence
from typing import Any

from service.store.analysis_records import (
    AnalysisOver,
    AnalysisTask,
    Batch,
    IgnoredFinding,
    Measuring,
    OverLimit,
    PlacedBatch,
    Source,
    Standing,
    read_requested,
    read_task,
)
from service.store.answer_records import BookedUsage
from service.store.sql_calls import SqlCalls


class StoredAnalyses(SqlCalls):
    """A part of ``Database``; web has another one, ``DirectAnalyses``, for calls that people wait
    for."""

    def request_analysis(
        self,
        user_id: str,
        item: Mapping[str, Any],
        *,
        limit: int,
        window_seconds: int,
        unbilled_microusd: int,
    ) -> Standing | OverLimit:
        """item: id (made by the caller, so that the call may be repeated), type, key, request,
        refs, request_id, trace_parent."""
        return self._read(
            read_requested,
            "request_analysis",
            user_id=user_id,
            item=item,
            limit=limit,
            window_seconds=window_seconds,
            unbilled_microusd=unbilled_microusd,
        )

    def count_measuring(self, user_id: str, *, limit: int, window_seconds: int) -> Measuring:
        # If the response is lost, the repeated call may count twice.
        return self._read(
            Measuring.from_json,
            "count_measuring",
            user_id=user_id,
            limit=limit,
            window_seconds=window_seconds,
        )

    def request_analysis_batch(
        self,
        user_id: str,
        batch_id: str,
        items: Sequence[Mapping[str, Any]],
        *,
        idempotency_key: str | None,
        fingerprint: str,
        limit: int,
        window_seconds: int,
        unbilled_microusd: int,
    ) -> PlacedBatch:
        """Each item as in ``request_analysis``."""
        return self._read(
            PlacedBatch.from_json,
            "request_analysis_batch",
            user_id=user_id,
            batch_id=batch_id,
            idempotency_key=idempotency_key,
            fingerprint=fingerprint,
            items=list(items),
            limit=limit,
            window_seconds=window_seconds,
            unbilled_microusd=unbilled_microusd,
        )

    def get_analysis(self, user_id: str, analysis_id: str) -> Standing | None:
        return self._find(
            Standing.from_json, "get_analysis", user_id=user_id, analysis_id=analysis_id
        )

    def ended_analyses(self, analysis_ids: Sequence[str]) -> list[str]:
        return self._list(str, "ended_analyses", analysis_ids=list(analysis_ids))

    def get_analysis_batch(self, user_id: str, batch_id: str) -> Batch | None:
        return self._find(Batch.from_json, "get_analysis_batch", user_id=user_id, batch_id=batch_id)

    def cancel_analysis_batch(self, user_id: str, batch_id: str) -> Batch:
        """Raises NotFound if the person has no such batch."""
        return self._read(
            Batch.from_json, "cancel_analysis_batch", user_id=user_id, batch_id=batch_id
        )

    def begin_analysis(self, analysis_id: str, lease_seconds: float) -> AnalysisTask | AnalysisOver:
        """Raises NotFound if it is gone."""
        return self._read(
            read_task, "begin_analysis", analysis_id=analysis_id, lease_seconds=lease_seconds
        )

    def settle_analysis(
        self, analysis_id: str, attempt: int, source: Source, result: Any, usage: BookedUsage
    ) -> str:
        """The state it is in then. Raises Conflict if another attempt has taken over."""
        return self._value(
            str,
            "settle_analysis",
            analysis_id=analysis_id,
            attempt=attempt,
            source=source,
            result=result,
            usage=usage,
        )

    def fail_analysis_attempt(
        self, analysis_id: str, attempt: int, reason: str, message: str, usage: BookedUsage
    ) -> int:
        """How many attempts have failed so far. Raises Conflict as above."""
        return self._value(
            int,
            "fail_analysis_attempt",
            False,
            analysis_id=analysis_id,
            attempt=attempt,
            reason=reason,
            message=message,
            usage=usage,
        )

    def give_up_analysis(
        self, analysis_id: str, attempt: int, reason: str, message: str, usage: BookedUsage
    ) -> None:
        self._call(
            "give_up_analysis",
            analysis_id=analysis_id,
            attempt=attempt,
            reason=reason,
            message=message,
            usage=usage,
        )

    def note_outcomes(
        self, user_id: str, analysis_id: str, outcomes: Sequence[Mapping[str, Any]]
    ) -> int:
        """How many were noted. Raises NotFound if the person has no such analysis."""
        return self._value(
            int,
            "note_outcomes",
            user_id=user_id,
            analysis_id=analysis_id,
            outcomes=list(outcomes),
        )

    def list_ignored_findings(self, user_id: str, file_key: str) -> list[IgnoredFinding]:
        return self._list(
            IgnoredFinding.from_json, "list_ignored_findings", user_id=user_id, file_key=file_key
        )

    def save_ignored_findings(
        self, user_id: str, file_key: str, items: Sequence[Mapping[str, Any]]
    ) -> list[IgnoredFinding]:
        """Replaces the person's list of that file."""
        return self._list(
            IgnoredFinding.from_json,
            "save_ignored_findings",
            user_id=user_id,
            file_key=file_key,
            items=list(items),
        )

    def delete_ignored_findings(self, user_id: str, file_key: str) -> int:
        return self._value(int, "delete_ignored_findings", user_id=user_id, file_key=file_key)

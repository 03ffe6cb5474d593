"""The SQL functions for rehearsals of a guidance: asked for by web, worked on by workers."""

from collections.abc import Mapping
from typing import Any

from service.store.rehearsal_records import (
    Rehearsal,
    RehearsalOffer,
    RehearsalSource,
    RehearsalTask,
    TakenQuestion,
)
from service.store.sql_calls import SqlCalls


class StoredRehearsals(SqlCalls):
    """A part of ``Database``."""

    def offer_rehearsal(self, user_id: str) -> RehearsalOffer:
        """Raises NotFound if the account is gone."""
        return self._read(RehearsalOffer.from_json, "offer_rehearsal", user_id=user_id)

    def start_rehearsal(
        self,
        user_id: str,
        content: Mapping[str, Any],
        questions: int,
        ceiling_microusd: int,
        request_id: str,
    ) -> str:
        """Its id. Raises Conflict if there is nothing to rehearse, or none is left today. Not sent
        again if the response is lost: that could start two."""
        return self._value(
            str,
            "start_rehearsal",
            False,
            user_id=user_id,
            content=content,
            questions=questions,
            ceiling_microusd=ceiling_microusd,
            request_id=request_id,
        )

    def get_rehearsal(self, user_id: str, rehearsal_id: str) -> Rehearsal | None:
        return self._find(Rehearsal.from_json, "get_rehearsal", user_id=user_id, id=rehearsal_id)

    def begin_rehearsal(self, rehearsal_id: str) -> RehearsalTask:
        """Raises NotFound if it is gone."""
        return self._read(RehearsalTask.from_json, "begin_rehearsal", id=rehearsal_id)

    def take_rehearsed(self, rehearsal_id: str, attempt: int, number: int) -> TakenQuestion:
        return self._read(
            TakenQuestion.from_json,
            "take_rehearsed",
            id=rehearsal_id,
            attempt=attempt,
            number=number,
        )

    def book_rehearsed(
        self,
        rehearsal_id: str,
        number: int,
        body: str,
        source: RehearsalSource | None,
        code: str,
        usage: Mapping[str, Any],
    ) -> str:
        """The state of the rehearsal then. Raises NotFound if it is gone."""
        return self._value(
            str,
            "book_rehearsed",
            id=rehearsal_id,
            number=number,
            body=body,
            source=source,
            code=code,
            usage=usage,
        )

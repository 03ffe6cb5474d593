"""The SQL functions about what became of answers' advice, for the upkeep of workers."""

from collections.abc import Mapping
from typing import Any

from service.store.advice_records import DueFile, Tended
from service.store.sql_calls import SqlCalls


class StoredAdvice(SqlCalls):
    """A part of ``Database``."""

    def tend_advice(self, limit: int = 500) -> Tended:
        """At most ``limit`` of each kind. ``is_more``: call again."""
        return self._read(Tended.from_json, "tend_advice", limit=limit)

    def take_due_advice(self, files: int, lease_seconds: int) -> list[DueFile]:
        """At most ``files``, fewer once many were looked at within the hour."""
        return self._list(
            DueFile.from_json, "take_due_advice", files=files, lease_seconds=lease_seconds
        )

    def keep_advice_read(self, answer_id: str, round: int, found: Mapping[str, Any]) -> bool:
        """False if this round was kept before."""
        return self._value(bool, "keep_advice_read", answer_id=answer_id, round=round, found=found)

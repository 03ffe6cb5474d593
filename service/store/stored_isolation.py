"""The SQL functions for the nightly watch over isolation."""

from typing import Any

from service.store.sql_calls import SqlCalls
from service.store.upkeep_records import IsolationRows, IsolationRun


class StoredIsolation(SqlCalls):
    """A part of ``Database``."""

    def begin_isolation(self, tokens: list[str], words: str, now: bool) -> IsolationRun | None:
        return self._find(
            IsolationRun.from_json, "begin_isolation", tokens=tokens, words=words, now=now
        )

    def set_operator(self, user_id: str, email: str, role: str) -> None:
        self._call("set_operator", user_id=user_id, email=email, role=role)

    def isolation_rows(self, user_id: str) -> IsolationRows:
        return self._read(IsolationRows.from_json, "isolation_rows", user_id=user_id)

    def end_isolation(
        self,
        id: int,
        tried: int,
        holes: list[dict[str, str]],
        by_visitor: list[dict[str, Any]],
        problem: str,
    ) -> None:
        self._call(
            "end_isolation",
            id=id,
            tried=tried,
            holes=holes,
            by_visitor=by_visitor,
            problem=problem,
        )

    # Settings and alerts

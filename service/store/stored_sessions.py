"""The SQL function for the session of a request."""

from service.store.people_records import KnownSession
from service.store.sql_calls import SqlCalls


class StoredSessions(SqlCalls):
    """A part of ``Database`` and of ``DirectAnalyses``."""

    def get_session(self, session_hash: str, idle_seconds: int) -> KnownSession | None:
        """Also None for a session that was idle for longer than ``idle_seconds``."""
        return self._find(
            KnownSession.from_json,
            "get_session",
            session_hash=session_hash,
            idle_seconds=idle_seconds,
        )

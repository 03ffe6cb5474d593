"""The SQL functions behind pages that anybody may read, and behind what is removed in time."""

from service.store.public_records import PublicPlan, PublicStatus
from service.store.sql_calls import SqlCalls


class StoredPublic(SqlCalls):
    """A part of ``Database``."""

    def public_status(self) -> PublicStatus:
        return self._read(PublicStatus.from_json, "public_status")

    def public_plans(self) -> list[PublicPlan]:
        """The price list, the cheapest first."""
        return self._list(PublicPlan.from_json, "public_plans")

    def note_removed(self, name: str, removed: int) -> None:
        """That this kind of what is kept was looked through, and how many of it were removed."""
        self._call("note_removed", name=name, removed=removed)

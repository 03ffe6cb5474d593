"""The SQL functions for where components are pushed to at GitHub."""

from service.store.sql_calls import SqlCalls
from service.store.target_records import SealedTarget, ShownTarget, TargetSecret


class StoredTargets(SqlCalls):
    """A part of ``Database``. A setting is the person's team's, or their own without a team."""

    def set_target(
        self,
        user_id: str,
        repository: str,
        base_branch: str,
        folder: str,
        token_encrypted: str | None,
        installation_id: int | None,
    ) -> ShownTarget:
        """Either the sealed token or the installation is given."""
        return self._read(
            ShownTarget.from_json,
            "set_target",
            user_id=user_id,
            repository=repository,
            base_branch=base_branch,
            folder=folder,
            token_encrypted=token_encrypted,
            installation_id=installation_id,
        )

    def show_target(self, user_id: str) -> ShownTarget | None:
        """For people: without the token."""
        return self._find(ShownTarget.from_json, "show_target", user_id=user_id)

    def read_target(self, user_id: str) -> SealedTarget | None:
        """For the worker that pushes."""
        return self._find(SealedTarget.from_json, "read_target", user_id=user_id)

    def remove_target(self, user_id: str) -> bool:
        """False: there was none."""
        return self._value(bool, "remove_target", user_id=user_id)

    def target_batch(self, after: str | None, limit: int) -> list[TargetSecret]:
        return self._list(TargetSecret.from_json, "target_batch", after=after, limit=limit)

    def save_reencrypted_target(self, owner_id: str, seen: str, token_encrypted: str) -> bool:
        return self._value(
            bool,
            "save_reencrypted_target",
            owner_id=owner_id,
            seen=seen,
            token_encrypted=token_encrypted,
        )

    def give_up_target(self, owner_id: str, seen: str) -> bool:
        return self._value(bool, "give_up_target", owner_id=owner_id, seen=seen)

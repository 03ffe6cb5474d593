"""One method per SQL function: all that the service asks of Supabase, but for deliveries.

Each change of state is one function that is safe to call again, so a call whose reply was lost is
repeated once. Shapes of the JSON that comes back are in the functions' own comments. Those of
encrypted secrets stand in ``stored_secrets.py``.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from service.config import Settings
from service.store.sql_calls import open_client
from service.store.stored_secrets import Json, StoredSecrets

__all__ = ["Database", "Json", "connect"]


class Database(StoredSecrets):
    """The service's view of Supabase, as service_role. Thread-safe; make one per process."""

    def ping(self) -> None:
        """Calls one of our functions: they answer only where the schema has been applied."""
        self._call("price_overrides")

    # People

    def sign_in(self, **fields: Any) -> Json:
        """fields: figma_user_id, figma_user_hash, handle, email, image_url, access_token_encrypted,
        refresh_token_encrypted, scopes, expires_at, session_hash, session_expires_at,
        session_label."""
        return self._call("sign_in", **fields)

    def get_session(self, session_hash: str, idle_seconds: int) -> Json | None:
        """None as well for one that was not used for so long."""
        return self._call("get_session", session_hash=session_hash, idle_seconds=idle_seconds)

    def list_sessions(self, user_id: str, idle_seconds: int) -> list[Json]:
        return self._call("list_sessions", user_id=user_id, idle_seconds=idle_seconds)

    def end_session(self, session_hash: str, *, with_plugins: bool = False) -> None:
        self._call("end_session", session_hash=session_hash, with_plugins=with_plugins)

    def end_own_session(self, user_id: str, session_id: str) -> None:
        self._call("end_own_session", user_id=user_id, session_id=session_id)

    def end_other_sessions(self, user_id: str, session_hash: str) -> int:
        """How many have ended: all of the person's but this one, plugins too."""
        return self._call("end_other_sessions", user_id=user_id, session_hash=session_hash)

    def approve_handover(self, challenge: str, user_id: str, lifetime_seconds: int) -> bool:
        """Whether the plugin can collect its session now."""
        return self._call(
            "approve_handover",
            challenge=challenge,
            user_id=user_id,
            lifetime_seconds=lifetime_seconds,
        )

    def decline_handover(self, challenge: str, user_id: str) -> bool:
        """False where the plugin has collected its session already."""
        return self._call("decline_handover", challenge=challenge, user_id=user_id)

    def collect_handover(
        self,
        challenge: str,
        session_hash: str,
        session_expires_at: datetime,
        session_label: str = "",
    ) -> str:
        return self._call(
            "collect_handover",
            False,
            challenge=challenge,
            session_hash=session_hash,
            session_expires_at=session_expires_at,
            session_label=session_label,
        )

    def get_account(self, user_id: str) -> Json | None:
        return self._call("get_account", user_id=user_id)

    def delete_account(self, user_id: str, figma_user_hash: str) -> None:
        self._call("delete_account", user_id=user_id, figma_user_hash=figma_user_hash)

    def departing_webhooks(self, user_id: str) -> Json:
        return self._call("departing_webhooks", user_id=user_id)

    def note_departed_webhook(self, webhook_id: str, outcome: str | None, problem: str) -> None:
        """`outcome` is removed or left; None: it is tried again."""
        self._call("note_departed_webhook", webhook_id=webhook_id, outcome=outcome, problem=problem)

    # Contexts

    def get_context(self, user_id: str) -> Json | None:
        return self._call("get_context", user_id=user_id)

    def get_context_version(self, user_id: str, version: int) -> Json | None:
        return self._call("get_context_version", user_id=user_id, version=version)

    def save_context(
        self, user_id: str, expected_version: int, content: Json, saved_by: str, reason: str = ""
    ) -> Json:
        """Raises PreconditionFailed when another version is in force."""
        return self._call(
            "save_context",
            user_id=user_id,
            expected_version=expected_version,
            content=content,
            saved_by=saved_by,
            reason=reason,
        )

    # Webhooks

    def start_webhook(self, **fields: str) -> Json:
        """Raises Conflict while an operator's pause holds there. No row but {state: creating}:
        somebody else makes one there. fields: user_id, context, context_id, label, guest_rule,
        passcode_encrypted, passcode_hash."""
        return self._call("start_webhook", **fields)

    def confirm_webhook(self, webhook_id: str, figma_webhook_id: str) -> Json:
        """Raises Conflict when it has become another row's meanwhile."""
        return self._call(
            "confirm_webhook", webhook_id=webhook_id, figma_webhook_id=figma_webhook_id
        )

    def change_webhook(
        self,
        user_id: str,
        webhook_id: str,
        *,
        state: str | None = None,
        guest_rule: str | None = None,
    ) -> Json:
        """Raises NotFound when the user has no such webhook, Conflict when only an operator may
        resume it."""
        return self._call(
            "change_webhook",
            user_id=user_id,
            webhook_id=webhook_id,
            state=state,
            guest_rule=guest_rule,
        )

    def leave_webhook(self, user_id: str, webhook_id: str, problem: str) -> None:
        """Delete it here, and try to remove it at Figma later. Raises NotFound as above."""
        self._call("leave_webhook", user_id=user_id, webhook_id=webhook_id, problem=problem)

    def list_webhooks(self, user_id: str) -> list[Json]:
        return self._call("list_webhooks", user_id=user_id)

    def find_webhook(self, figma_webhook_id: str, passcode_hash: str) -> Json | None:
        return self._call(
            "find_webhook", figma_webhook_id=figma_webhook_id, passcode_hash=passcode_hash
        )

    def webhooks_of_context(self, context: str, context_id: str) -> list[Json]:
        return self._call("webhooks_of_context", context=context, context_id=context_id)

    # Events

    def register_bot(self, figma_user_id: str, handle: str) -> None:
        self._call("register_bot", figma_user_id=figma_user_id, handle=handle)

    # Answers

    def take_steps(self, steps: Sequence[Json]) -> list[Json]:
        """Steps of many answers in one transaction: each is the name of its function as ``step``
        (begin_answer, start_posting, settle_answer) and that function's parameters.

        For each, in order, {value}, or {refused: {code, message}} for ``refusal``.
        """
        return self._call("take_steps", steps=list(steps))

    def release_use(
        self, answer_id: str, attempt: int, reason: str, message: str, usage: Json
    ) -> None:
        self._call(
            "release_use",
            answer_id=answer_id,
            attempt=attempt,
            reason=reason,
            message=message,
            usage=usage,
        )

    def defer_answer(
        self,
        answer_id: str,
        attempt: int,
        *,
        until: datetime,
        reason: str,
        draft: Json | None = None,
        notice_comment_id: str | None = None,
    ) -> None:
        self._call(
            "defer_answer",
            answer_id=answer_id,
            attempt=attempt,
            until=until,
            reason=reason,
            draft=draft,
            notice_comment_id=notice_comment_id,
        )

    def find_readers(
        self, webhook_id: str, file_key: str, answer_id: str | None = None
    ) -> Json | None:
        """With ``answer_id`` also whom its delivery names as author."""
        return self._call(
            "find_readers", webhook_id=webhook_id or None, file_key=file_key, answer_id=answer_id
        )

    def note_webhook_file(self, webhook_id: str, file_key: str, is_covered: bool) -> None:
        self._call(
            "note_webhook_file", webhook_id=webhook_id, file_key=file_key, is_covered=is_covered
        )

    def fail_look(self, answer_id: str, reason: str, message: str) -> int:
        """How many looks at Figma failed by now; 0 when the answer is decided or closed."""
        return self._call("fail_look", False, answer_id=answer_id, reason=reason, message=message)

    def defer_look(self, answer_id: str, until: datetime, reason: str) -> None:
        self._call("defer_look", answer_id=answer_id, until=until, reason=reason)

    def close_look(self, answer_id: str, webhook_id: str, reason: str, message: str) -> Json:
        return self._call(
            "close_look",
            answer_id=answer_id,
            webhook_id=webhook_id or None,
            reason=reason,
            message=message,
        )

    def fail_attempt(
        self, answer_id: str, attempt: int, reason: str, message: str, usage: Json
    ) -> int:
        """How many attempts failed by now. Raises Conflict when another attempt has taken over.
        ``usage``: of a model that was asked and whose draft is not stored, else {}."""
        return self._call(
            "fail_attempt",
            False,
            answer_id=answer_id,
            attempt=attempt,
            reason=reason,
            message=message,
            usage=usage,
        )

    def note_figma_limit(
        self,
        figma_user_id: str,
        file_key: str,
        tier: int,
        retry_after_seconds: int,
        plan_tier: str,
        limit_type: str,
        upgrade_link: str,
    ) -> None:
        self._call(
            "note_figma_limit",
            figma_user_id=figma_user_id,
            file_key=file_key,
            tier=tier,
            retry_after_seconds=retry_after_seconds,
            plan_tier=plan_tier,
            limit_type=limit_type,
            upgrade_link=upgrade_link,
        )

    # Rate limits

    def count_hits(self, key_hash: str, seconds: int, amount: int) -> Json:
        # A reply that was lost may count one hit twice.
        return self._call("count_hits", key_hash=key_hash, seconds=seconds, amount=amount)

    # Upkeep

    def price_overrides(self) -> list[Json]:
        return self._call("price_overrides")

    def recover_stalled(self, seconds: float) -> Json:
        return self._call("recover_stalled", seconds=seconds)

    def purge_expired(self, limit: int = 5000) -> Json:
        """How many rows of each kind are gone, at most ``limit``, and ``is_more``: call again."""
        return self._call("purge_expired", limit=limit)

    def sample_queue(self) -> None:
        self._call("sample_queue")

    def check_budgets(self) -> list[Json]:
        return self._call("check_budgets")

    # Settings and alerts

    def announce_service(self, sealing_key: str, defaults: Json) -> None:
        self._call("announce_service", sealing_key=sealing_key, defaults=defaults)

    def live_settings(self) -> Json:
        return self._call("live_settings")

    def check_alerts(self) -> list[Json]:
        return self._call("check_alerts")

    def begin_alert_delivery(self, id: str, lease_seconds: float) -> Json:
        # Not again by itself: the attempt whose reply was lost holds the lease, and ends with it.
        return self._call("begin_alert_delivery", False, id=id, lease_seconds=lease_seconds)

    def end_alert_delivery(
        self,
        id: str,
        attempt: int,
        *,
        state: str,
        status: int | None,
        reason: str,
        next_at: datetime | None,
        switch_off: bool,
    ) -> None:
        self._call(
            "end_alert_delivery",
            id=id,
            attempt=attempt,
            state=state,
            status=status,
            reason=reason,
            next_at=next_at,
            switch_off=switch_off,
        )

    def due_alert_deliveries(self, limit: int) -> list[str]:
        return self._call("due_alert_deliveries", limit=limit)

    def queue_status(self) -> Json:
        return self._call("queue_status")


def connect(settings: Settings, *, connections: int = 100, timeout_seconds: float = 15) -> Database:
    """A database with at most so many connections to the API."""
    return Database(open_client(settings, connections, timeout_seconds))

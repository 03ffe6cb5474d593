"""One method per SQL function. All database calls of the service are here, except storing
deliveries.

Each change of state is one function that is safe to call again. So a call whose response was lost
is repeated once. The results are records; the comments on the SQL functions describe their JSON.
The methods for encrypted secrets are in ``stored_secrets.py``, those for analyses in
``stored_analyses.py``, those for pipelines in ``stored_pipelines.py``, those for where components
are pushed to in ``stored_targets.py``, those for rehearsals of a guidance in
``stored_rehearsals.py``, those for invitations of operators in ``stored_invitations.py``, those for
what became of advice in ``stored_advice.py``, those for drafts that wait for their webhook's owner
in ``stored_previews.py``, those for the watch over isolation in ``stored_isolation.py``, those
behind pages that anybody may read in ``stored_public.py``, the one for each request in
``stored_sessions.py``.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from service.config import Settings
from service.errors import ServiceError
from service.store.answer_records import (
    BookedUsage,
    ClosedLook,
    DraftJson,
    Readers,
    Recovered,
    Settled,
    StepRefusal,
    Window,
    read_begun,
)
from service.store.people_records import (
    Account,
    ContextVersion,
    OpenSession,
    SavedContext,
    Sharing,
    SignedIn,
)
from service.store.secret_records import Departing
from service.store.sql_calls import open_client, read_result, refusal
from service.store.stored_advice import StoredAdvice
from service.store.stored_analyses import StoredAnalyses
from service.store.stored_invitations import StoredInvitations
from service.store.stored_isolation import StoredIsolation
from service.store.stored_pipeline_starts import StoredPipelineStarts
from service.store.stored_pipelines import StoredPipelines
from service.store.stored_previews import StoredPreviews
from service.store.stored_public import StoredPublic
from service.store.stored_rehearsals import StoredRehearsals
from service.store.stored_secrets import StoredSecrets
from service.store.stored_sessions import StoredSessions
from service.store.stored_targets import StoredTargets
from service.store.upkeep_records import (
    AlertDelivery,
    BudgetReached,
    ChosenSettings,
    HeldDelivery,
    Hits,
    ModelPrice,
    Purged,
    QueueStatus,
    RaisedAlert,
    ReservedSpend,
    TendedPartition,
    read_delivery,
)
from service.store.webhook_records import (
    BeingMade,
    FoundWebhook,
    PlacedWebhook,
    StartedWebhook,
    UserWebhook,
    read_started,
)

# The steps of ``take_steps``, and how the result of each is read.
STEPS: dict[str, Callable[[Any], Any]] = {
    "begin_answer": read_begun,
    "start_posting": Window.from_json,
    "settle_answer": Settled.from_json,
}


class Database(
    StoredAdvice,
    StoredSecrets,
    StoredSessions,
    StoredAnalyses,
    StoredPipelines,
    StoredPipelineStarts,
    StoredTargets,
    StoredRehearsals,
    StoredInvitations,
    StoredPreviews,
    StoredIsolation,
    StoredPublic,
):
    """The service's view of Supabase, as service_role. Thread-safe; make one per process."""

    def ping(self) -> None:
        """Calls one of our functions: that works only if the schema has been applied."""
        self._call("price_overrides")

    # People

    def sign_in(self, **fields: Any) -> SignedIn:
        """fields: figma_user_id, figma_user_hash, handle, email, image_url, access_token_encrypted,
        refresh_token_encrypted, scopes, expires_at, session_hash, session_expires_at,
        session_label."""
        return self._read(SignedIn.from_json, "sign_in", **fields)

    def list_sessions(self, user_id: str, idle_seconds: int) -> list[OpenSession]:
        return self._list(
            OpenSession.from_json, "list_sessions", user_id=user_id, idle_seconds=idle_seconds
        )

    def end_session(self, session_hash: str, *, with_plugins: bool = False) -> None:
        self._call("end_session", session_hash=session_hash, with_plugins=with_plugins)

    def end_own_session(self, user_id: str, session_id: str) -> None:
        self._call("end_own_session", user_id=user_id, session_id=session_id)

    def end_other_sessions(self, user_id: str, session_hash: str) -> int:
        """Ends all sessions of the person but this one, plugins too. Returns how many."""
        return self._value(int, "end_other_sessions", user_id=user_id, session_hash=session_hash)

    def approve_handover(self, challenge: str, user_id: str, lifetime_seconds: int) -> bool:
        """True if the plugin can collect its session now."""
        return self._value(
            bool,
            "approve_handover",
            challenge=challenge,
            user_id=user_id,
            lifetime_seconds=lifetime_seconds,
        )

    def decline_handover(self, challenge: str, user_id: str) -> bool:
        """False if the plugin has already collected its session."""
        return self._value(bool, "decline_handover", challenge=challenge, user_id=user_id)

    def collect_handover(
        self,
        challenge: str,
        session_hash: str,
        session_expires_at: datetime,
        session_label: str = "",
    ) -> str:
        return self._value(
            str,
            "collect_handover",
            False,
            challenge=challenge,
            session_hash=session_hash,
            session_expires_at=session_expires_at,
            session_label=session_label,
        )

    def get_account(self, user_id: str) -> Account | None:
        return self._find(Account.from_json, "get_account", user_id=user_id)

    def show_model_sharing(self, user_id: str) -> Sharing | None:
        return self._find(Sharing.from_json, "show_model_sharing", user_id=user_id)

    def set_model_sharing(self, user_id: str, level: str) -> Sharing:
        """Raises Conflict if somebody else chose the stricter level in force."""
        return self._read(Sharing.from_json, "set_model_sharing", user_id=user_id, level=level)

    def delete_account(self, user_id: str, figma_user_hash: str) -> None:
        self._call("delete_account", user_id=user_id, figma_user_hash=figma_user_hash)

    def departing_webhooks(self, user_id: str) -> Departing:
        return self._read(Departing.from_json, "departing_webhooks", user_id=user_id)

    def note_departed_webhook(self, webhook_id: str, outcome: str | None, problem: str) -> None:
        """`outcome` is removed or left. None: it will be tried again."""
        self._call("note_departed_webhook", webhook_id=webhook_id, outcome=outcome, problem=problem)

    # Contexts

    def get_context(self, user_id: str) -> SavedContext | None:
        return self._find(SavedContext.from_json, "get_context", user_id=user_id)

    def get_context_version(self, user_id: str, version: int) -> ContextVersion | None:
        return self._find(
            ContextVersion.from_json, "get_context_version", user_id=user_id, version=version
        )

    def save_context(
        self,
        user_id: str,
        expected_version: int,
        content: Mapping[str, Any],
        saved_by: str,
        reason: str = "",
    ) -> SavedContext:
        """Raises PreconditionFailed when another version is in force."""
        return self._read(
            SavedContext.from_json,
            "save_context",
            user_id=user_id,
            expected_version=expected_version,
            content=content,
            saved_by=saved_by,
            reason=reason,
        )

    # Webhooks

    def start_webhook(self, **fields: str) -> StartedWebhook | BeingMade:
        """Raises Conflict while an operator's pause is in force there. BeingMade: somebody else is
        creating a webhook there. fields: user_id, context, context_id, label, guest_rule,
        passcode_encrypted, passcode_hash."""
        return self._read(read_started, "start_webhook", **fields)

    def confirm_webhook(self, webhook_id: str, figma_webhook_id: str) -> UserWebhook:
        """Raises Conflict if it now belongs to another row."""
        return self._read(
            UserWebhook.from_json,
            "confirm_webhook",
            webhook_id=webhook_id,
            figma_webhook_id=figma_webhook_id,
        )

    def change_webhook(
        self,
        user_id: str,
        webhook_id: str,
        *,
        state: str | None = None,
        guest_rule: str | None = None,
    ) -> UserWebhook:
        """Raises NotFound if the user has no such webhook, Conflict if only an operator may resume
        it."""
        return self._read(
            UserWebhook.from_json,
            "change_webhook",
            user_id=user_id,
            webhook_id=webhook_id,
            state=state,
            guest_rule=guest_rule,
        )

    def leave_webhook(self, user_id: str, webhook_id: str, problem: str) -> UserWebhook:
        """Delete it here, and remove it at Figma later. Raises NotFound as above."""
        return self._read(
            UserWebhook.from_json,
            "leave_webhook",
            user_id=user_id,
            webhook_id=webhook_id,
            problem=problem,
        )

    def list_webhooks(self, user_id: str) -> list[UserWebhook]:
        return self._list(UserWebhook.from_json, "list_webhooks", user_id=user_id)

    def find_webhook(self, figma_webhook_id: str, passcode_hash: str) -> FoundWebhook | None:
        return self._find(
            FoundWebhook.from_json,
            "find_webhook",
            figma_webhook_id=figma_webhook_id,
            passcode_hash=passcode_hash,
        )

    def webhooks_of_context(self, context: str, context_id: str) -> list[PlacedWebhook]:
        return self._list(
            PlacedWebhook.from_json, "webhooks_of_context", context=context, context_id=context_id
        )

    # Events

    def register_bot(self, figma_user_id: str, handle: str) -> None:
        self._call("register_bot", figma_user_id=figma_user_id, handle=handle)

    # Answers

    def take_steps(self, steps: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Take steps of many answers in one transaction. Each has the name of its function as
        ``step``, one of ``STEPS``, and that function's parameters.

        Returns for each, in order, its record, or the error that refused it.
        """
        results = self._call("take_steps", steps=list(steps))
        return [
            _read_step(step["step"], result) for step, result in zip(steps, results, strict=True)
        ]

    def release_use(
        self, answer_id: str, attempt: int, reason: str, message: str, usage: BookedUsage
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
        draft: DraftJson | None = None,
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
    ) -> Readers | None:
        """With ``answer_id``, also the author named in its delivery."""
        return self._find(
            Readers.from_json,
            "find_readers",
            webhook_id=webhook_id or None,
            file_key=file_key,
            answer_id=answer_id,
        )

    def note_webhook_file(self, webhook_id: str, file_key: str, is_covered: bool) -> None:
        self._call(
            "note_webhook_file", webhook_id=webhook_id, file_key=file_key, is_covered=is_covered
        )

    def fail_look(self, answer_id: str, reason: str, message: str) -> int:
        """How many looks at Figma have failed so far; 0 if the answer is decided or closed."""
        return self._value(
            int, "fail_look", False, answer_id=answer_id, reason=reason, message=message
        )

    def defer_look(self, answer_id: str, until: datetime, reason: str) -> None:
        self._call("defer_look", answer_id=answer_id, until=until, reason=reason)

    def close_look(self, answer_id: str, webhook_id: str, reason: str, message: str) -> ClosedLook:
        return self._read(
            ClosedLook.from_json,
            "close_look",
            answer_id=answer_id,
            webhook_id=webhook_id or None,
            reason=reason,
            message=message,
        )

    def fail_attempt(
        self, answer_id: str, attempt: int, reason: str, message: str, usage: BookedUsage
    ) -> int:
        """How many attempts have failed so far. Raises Conflict if another attempt has taken over.
        ``usage``: the usage of a model call whose draft is not stored, else {}."""
        return self._value(
            int,
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

    def count_hits(self, key_hash: str, seconds: int, amount: int) -> Hits:
        # If the response is lost, the repeated call may count one hit twice.
        return self._read(
            Hits.from_json, "count_hits", key_hash=key_hash, seconds=seconds, amount=amount
        )

    # Upkeep

    def price_overrides(self) -> list[ModelPrice]:
        return self._list(ModelPrice.from_json, "price_overrides")

    def recover_stalled(self, seconds: float) -> Recovered:
        return self._read(Recovered.from_json, "recover_stalled", seconds=seconds)

    def purge_expired(self, limit: int = 5000) -> Purged:
        """How many rows of each kind were deleted, at most ``limit``. ``is_more``: call again."""
        return self._read(Purged.from_json, "purge_expired", limit=limit)

    def tend_partitions(self) -> TendedPartition:
        """The one thing that was done about tables with partitions. ``is_more``: call again."""
        return self._read(TendedPartition.from_json, "tend_partitions")

    def sample_queue(self) -> None:
        self._call("sample_queue")

    def check_budgets(self) -> list[BudgetReached]:
        return self._list(BudgetReached.from_json, "check_budgets")

    def check_bills(self) -> None:
        self._call("check_bills")

    def announce_service(self, sealing_key: str, defaults: Mapping[str, Any]) -> None:
        self._call("announce_service", sealing_key=sealing_key, defaults=defaults)

    def announce_prompts(self, prompts: Sequence[Mapping[str, str]]) -> None:
        self._call("announce_prompts", prompts=list(prompts))

    def announce_models(self, models: Sequence[str]) -> None:
        self._call("announce_models", models=list(models))

    def reserve_spend(self, answer_id: str, microusd: int, day_microusd: int) -> ReservedSpend:
        # Not repeated: each call reserves anew.
        return self._read(
            ReservedSpend.from_json,
            "reserve_spend",
            False,
            answer_id=answer_id,
            microusd=microusd,
            day_microusd=day_microusd,
        )

    def live_settings(self) -> ChosenSettings:
        return self._read(ChosenSettings.from_json, "live_settings")

    def check_alerts(self) -> list[RaisedAlert]:
        return self._list(RaisedAlert.from_json, "check_alerts")

    def begin_alert_delivery(self, id: str, lease_seconds: float) -> AlertDelivery | HeldDelivery:
        # Not repeated: if the response was lost, that attempt holds the lease until it ends.
        return self._read(
            read_delivery, "begin_alert_delivery", False, id=id, lease_seconds=lease_seconds
        )

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
        return self._list(str, "due_alert_deliveries", limit=limit)

    def tell_health(self, code: str, subject: str, facts: Mapping[str, Any]) -> None:
        """``code``: disk or certificate; what the facts are: the SQL function's comment."""
        self._call("tell_health", code=code, subject=subject, facts=facts)

    def queue_status(self) -> QueueStatus:
        return self._read(QueueStatus.from_json, "queue_status")


def _read_step(step: str, result: Mapping[str, Any]) -> Any:
    if "refused" in result:
        refused = read_result(StepRefusal.from_json, step, result["refused"])
        return refusal(step, refused.code, refused.message)
    try:
        return read_result(STEPS[step], step, result["value"])
    except ServiceError as error:
        # Return the error: the other steps have succeeded.
        return error


def connect(settings: Settings, *, connections: int = 100, timeout_seconds: float = 15) -> Database:
    """A database with at most this many connections to the API."""
    return Database(open_client(settings, connections, timeout_seconds))

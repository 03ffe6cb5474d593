"""Changing where the buddy is on: pause, resume, remove, and set what guests get.

Only resuming needs Figma. A paused or removed row gets no answers, whatever Figma sends. So the
owner can always silence the buddy. If Figma refuses its part, the owner is told.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog

from service.errors import NotFound, ServiceError
from service.figma.errors import FigmaError
from service.figma.records import FigmaToken
from service.secrets.figma_tokens import FigmaSignInNeeded
from service.store.secret_records import StoredToken
from service.store.webhook_records import UserWebhook
from service.switching.departures import is_hopeless
from service.switching.refusals import (
    Place,
    describe_cause,
    explain,
    gone_at_figma,
    paused_by_operator,
    paused_here_alone,
    removed_here_alone,
)
from service.wiring import Services

log = structlog.get_logger(__name__)
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Changed:
    webhook: UserWebhook
    # What Figma refused, and why; None if all is done.
    message: str | None = None


@dataclass(frozen=True)
class WebhookLeft:
    """A webhook that Figma did not let us remove. ``is_tried``: we retry for seven days."""

    label: str
    reason: str
    is_tried: bool


class WebhookChanges:
    """Every method raises ``ServiceError`` with a sentence."""

    def __init__(self, services: Services):
        self._services = services
        self._database = services.database

    def change(
        self, user_id: str, webhook_id: str, state: str | None, guest_rule: str | None
    ) -> Changed:
        row = self._own(user_id, webhook_id)
        message = None
        if state == "active":
            self._resume_at_figma(user_id, row)
        elif state == "paused" and row.state == "active":
            refusal = self._pause_at_figma(user_id, row)
            message = paused_here_alone(row.label, refusal) if refusal else None
        webhook = self._database.change_webhook(
            user_id, webhook_id, state=state, guest_rule=guest_rule
        )
        return Changed(webhook, message)

    def delete(self, user_id: str, webhook_id: str) -> str | None:
        """Returns what Figma refused, and why; None if all is done."""
        row = self._own(user_id, webhook_id)
        refusal = self._delete_at_figma(user_id, row)
        if refusal is None:
            self._database.change_webhook(user_id, webhook_id, state="deleted")
            return None
        # If Figma does not list the webhook, it is gone, or its owner may no longer touch it.
        is_tried = refusal.code != "not_found" and not is_hopeless(refusal)
        if is_tried:
            self._database.leave_webhook(user_id, webhook_id, refusal.message)
        else:
            self._database.change_webhook(user_id, webhook_id, state="deleted")
        return removed_here_alone(row.label, refusal, is_tried)

    def delete_all(self, user_id: str) -> tuple[int, list[WebhookLeft]]:
        """Before an account is deleted: returns how many webhooks were removed at Figma, and which
        are left and why.

        The rows of those left stay unchanged: deleting the account finds by them what is still to
        be removed.
        """
        deleted = 0
        left: list[tuple[UserWebhook, ServiceError]] = []
        for row in self._database.list_webhooks(user_id):
            refusal = self._delete_at_figma(user_id, row)
            if refusal is None or refusal.code == "not_found":
                self._database.change_webhook(user_id, row.id, state="deleted")
                deleted += 1
            else:
                left.append((row, refusal))
        # Without a connection none of them can be removed later.
        is_cut_off = any(isinstance(refusal, FigmaSignInNeeded) for _, refusal in left)
        return deleted, [
            WebhookLeft(
                label=row.label,
                reason=f"Figma did not let us remove it, because {describe_cause(refusal)}.",
                is_tried=not is_cut_off and not is_hopeless(refusal),
            )
            for row, refusal in left
        ]

    def _own(self, user_id: str, webhook_id: str) -> UserWebhook:
        for row in self._database.list_webhooks(user_id):
            if row.id == webhook_id:
                return row
        raise NotFound("You have no such webhook. Reload the page to see those you have.")

    def _resume_at_figma(self, user_id: str, row: UserWebhook) -> None:
        """Resume at Figma, even if the row is active here: Figma may have stopped it."""
        if row.is_paused_by_operator:
            raise paused_by_operator()
        figma, webhook_id = self._services.figma, row.figma_webhook_id
        if not webhook_id:
            raise gone_at_figma()
        try:
            self._call(
                user_id, lambda usable: figma.update_webhook(usable, webhook_id, status="ACTIVE")
            )
        except FigmaError as error:
            if error.code == "not_found":
                raise gone_at_figma() from error
            raise explain(error, Place.of(row)) from error

    def _pause_at_figma(self, user_id: str, row: UserWebhook) -> ServiceError | None:
        figma = self._services.figma
        return self._refusal(
            user_id, row, lambda usable, id_: figma.update_webhook(usable, id_, status="PAUSED")
        )

    def _delete_at_figma(self, user_id: str, row: UserWebhook) -> ServiceError | None:
        return self._refusal(user_id, row, self._services.figma.delete_webhook)

    def _refusal(
        self, user_id: str, row: UserWebhook, action: Callable[[FigmaToken, str], Any]
    ) -> ServiceError | None:
        """Why Figma refused. None if it agreed, or has no webhook for this row."""
        webhook_id = row.figma_webhook_id
        if not webhook_id:
            return None
        try:
            self._call(user_id, lambda usable: action(usable, webhook_id))
        except ServiceError as error:
            log.warning("webhook_left_at_figma", webhook_id=row.id, reason=error.code)
            return error
        return None

    def _call(self, user_id: str, action: Callable[[FigmaToken], Any]) -> None:
        self._services.tokens.call(self._services.tokens.of_user(user_id), action)

    def _ask(
        self, token: StoredToken, place: Place, action: Callable[[FigmaToken], Answer]
    ) -> Answer:
        try:
            return self._services.tokens.call(token, action)
        except FigmaError as error:
            raise explain(error, place) from error

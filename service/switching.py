"""Switching the buddy on and off somewhere in Figma: one webhook there, one row here, no more.

The row is written first, with the passcode, because Figma's PING can arrive before its answer.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

import structlog

from service.database import Json
from service.errors import Conflict, NotFound, ServiceError
from service.figma.errors import FigmaError
from service.figma.links import Target
from service.figma.records import FigmaToken, Webhook
from service.routes.shapes import WebhookLeft
from service.security import new_token
from service.switching_refusals import (
    Place,
    explain,
    explain_creation,
    no_edit_right,
    not_public,
    paused_by_operator,
)
from service.wiring import Services

log = structlog.get_logger(__name__)
# Another request of the same person is at it; Figma's answer takes seconds at most.
WAIT_SECONDS = 15
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Switched:
    status: Literal["created", "already_on"]
    message: str
    webhook: Json


class Switching:
    """One request's work on webhooks. Every method raises ``ServiceError`` with a sentence."""

    def __init__(self, services: Services):
        self._services = services
        self._database = services.database

    def switch_on(self, user_id: str, target: Target, guest_rule: str) -> Switched:
        settings = self._services.settings
        if not settings.is_found_by_figma:
            raise not_public(settings.webhook_url)
        token = self._services.tokens.of_user(user_id)
        place = self._look(token, target)
        if place.context == "file" and (other := self._others(user_id, place)):
            return other
        if place.role == "viewer":
            raise no_edit_right()
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            at_figma = self._list(token, place)
            if other := self._others(user_id, place):
                return other
            done = self._try(user_id, token, place, guest_rule, at_figma)
            if done:
                return done
            if time.monotonic() > deadline:
                raise Conflict(
                    "The buddy is being switched on there right now. Look again in a minute.",
                    code="in_progress",
                    retry_after=60,
                )
            time.sleep(0.25)

    def change(
        self, user_id: str, webhook_id: str, state: str | None, guest_rule: str | None
    ) -> Json:
        row = self._own(user_id, webhook_id)
        if state == "active" and row["is_paused_by_operator"]:
            raise paused_by_operator()
        if state and state != row["state"] and row["figma_webhook_id"]:
            self._set_at_figma(user_id, row, "PAUSED" if state == "paused" else "ACTIVE")
        return self._database.change_webhook(
            user_id, webhook_id, state=state, guest_rule=guest_rule
        )

    def delete(self, user_id: str, webhook_id: str) -> None:
        row = self._own(user_id, webhook_id)
        self._delete_at_figma(user_id, row)
        self._database.change_webhook(user_id, webhook_id, state="deleted")

    def delete_all(self, user_id: str) -> tuple[int, list[WebhookLeft]]:
        """For an account that goes: how many are gone at Figma, and which are left, and why."""
        deleted, left = 0, []
        for row in self._database.list_webhooks(user_id):
            try:
                self.delete(user_id, row["id"])
                deleted += 1
            except ServiceError as error:
                log.warning("webhook_left_at_figma", webhook_id=row["id"], reason=error.message)
                left.append(WebhookLeft(label=row["label"], reason=error.message))
        return deleted, left

    def _look(self, token: Json, target: Target) -> Place:
        """What the link leads to. A file is looked at, which also tests that it can be seen."""
        if target.context != "file":
            return Place(target.context, target.id, f"{target.context.capitalize()} {target.id}")
        place = Place("file", target.file_key, "")
        figma = self._services.figma
        meta = self._ask(token, place, lambda usable: figma.file_meta(usable, place.id))
        return Place("file", place.id, meta.name[:200], meta.role)

    def _others(self, user_id: str, place: Place) -> Switched | None:
        """Somebody else's live webhook of ours in the same place: a second one is of no use."""
        for row in self._database.webhooks_of_context(place.context, place.id):
            if row["user_id"] != user_id and row["state"] == "active":
                sentence = f"{row['owner_handle']} has already switched the buddy on there."
                return Switched("already_on", sentence, row)
        return None

    def _list(self, token: Json, place: Place) -> list[Webhook]:
        figma = self._services.figma
        return self._ask(
            token, place, lambda usable: figma.webhooks(usable, place.context, place.id)
        )

    def _try(
        self, user_id: str, token: Json, place: Place, guest_rule: str, at_figma: list[Webhook]
    ) -> Switched | None:
        """Once round: done, or None when another request of this person has to finish first."""
        passcode = new_token()
        try:
            row = self._database.start_webhook(
                user_id=user_id,
                context=place.context,
                context_id=place.id,
                label=place.label,
                guest_rule=guest_rule,
                passcode_encrypted=self._services.vault.encrypt(passcode),
                passcode_hash=self._services.vault.keyed_hash(passcode),
            )
        except Conflict as error:
            raise paused_by_operator() from error
        if row["is_mine"]:
            made = self._make(user_id, token, place, row, passcode, at_figma)
            sentence = f"The buddy is now switched on in {place.label}."
            return Switched("created", sentence, made)
        if row["state"] == "creating":
            return None
        return self._keep(user_id, token, place, row)

    def _keep(self, user_id: str, token: Json, place: Place, row: Json) -> Switched | None:
        """My own row is there already. Resume it, unless Figma has lost its webhook."""
        # Listed anew: it may have been made a moment ago by another request of this person.
        if row["figma_webhook_id"] not in {each.id for each in self._list(token, place)}:
            self._database.change_webhook(user_id, row["id"], state="deleted")
            return None
        if row["state"] == "paused":
            row = self.change(user_id, row["id"], "active", None)
        return Switched("already_on", "You have already switched the buddy on there.", row)

    def _make(
        self, user_id: str, token: Json, place: Place, row: Json, passcode: str,
        at_figma: list[Webhook],
    ) -> Json:  # fmt: skip
        try:
            figma_id = self._adopt(user_id, token, place, passcode, at_figma)
            figma_id = figma_id or self._create(user_id, token, place, passcode, len(at_figma))
        except ServiceError:
            self._database.change_webhook(user_id, row["id"], state="deleted")
            raise
        return self._database.confirm_webhook(row["id"], figma_id)

    def _adopt(
        self, user_id: str, token: Json, place: Place, passcode: str, at_figma: list[Webhook]
    ) -> str | None:
        """Take over a webhook of ours that an interrupted request left at Figma."""
        rows = self._database.webhooks_of_context(place.context, place.id)
        taken = {row["figma_webhook_id"] for row in rows if row["user_id"] != user_id}
        endpoint = self._services.settings.webhook_url
        figma = self._services.figma
        for each in at_figma:
            if each.endpoint != endpoint or each.id in taken or each.event_type != "FILE_COMMENT":
                continue
            try:
                self._services.tokens.call(
                    token,
                    lambda usable, found=each.id: figma.update_webhook(  # type: ignore[misc]
                        usable, found, passcode=passcode, status="ACTIVE"
                    ),
                )
            except FigmaError as error:
                if error.code not in ("forbidden", "not_found"):
                    raise explain(error, place) from error
                continue
            return each.id
        return None

    def _create(
        self, user_id: str, token: Json, place: Place, passcode: str, slots_used: int
    ) -> str:
        figma, settings = self._services.figma, self._services.settings
        try:
            made = self._services.tokens.call(
                token,
                lambda usable: figma.create_webhook(
                    usable,
                    context=place.context,
                    context_id=place.id,
                    endpoint=settings.webhook_url,
                    passcode=passcode,
                    description=f"{settings.buddy_name}: answers comments",
                ),
            )
        except FigmaError as error:
            if error.maybe_done:
                found = self._adopt(user_id, token, place, passcode, self._list(token, place))
                if found:
                    return found
            raise explain_creation(error, place, slots_used, settings.webhook_url) from error
        return made.id

    def _own(self, user_id: str, webhook_id: str) -> Json:
        for row in self._database.list_webhooks(user_id):
            if row["id"] == webhook_id:
                return row
        raise NotFound("You have no such webhook. Reload the page to see those you have.")

    def _set_at_figma(self, user_id: str, row: Json, status: Literal["ACTIVE", "PAUSED"]) -> None:
        figma = self._services.figma
        token = self._services.tokens.of_user(user_id)
        try:
            self._services.tokens.call(
                token, lambda usable: figma.update_webhook(
                    usable, row["figma_webhook_id"], status=status
                )
            )  # fmt: skip
        except FigmaError as error:
            if error.code != "not_found":
                raise explain(error, Place.of(row)) from error
            self._database.change_webhook(user_id, row["id"], state="deleted")
            raise NotFound(
                "This webhook was removed in Figma, so it is gone here too. Paste the link again "
                "to switch the buddy on anew.",
                code="gone_at_figma",
            ) from error

    def _delete_at_figma(self, user_id: str, row: Json) -> None:
        if not row["figma_webhook_id"]:
            return
        figma = self._services.figma
        token = self._services.tokens.of_user(user_id)
        try:
            self._services.tokens.call(
                token, lambda usable: figma.delete_webhook(usable, row["figma_webhook_id"])
            )
        except FigmaError as error:
            if error.code != "not_found":
                raise explain(error, Place.of(row)) from error

    def _ask(self, token: Json, place: Place, action: Callable[[FigmaToken], Answer]) -> Answer:
        try:
            return self._services.tokens.call(token, action)
        except FigmaError as error:
            raise explain(error, place) from error

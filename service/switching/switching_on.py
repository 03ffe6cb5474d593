"""Switching the buddy on somewhere in Figma: exactly one webhook there and one row here.

The row is written first, with the passcode, because Figma's PING can arrive before its response.
While a webhook is being created, the row reserves the place: no other request looks there for
webhooks to take over.
"""

import time
from dataclasses import dataclass
from typing import Literal

from service.errors import Conflict, ServiceError
from service.figma.errors import FigmaError
from service.figma.link_parsing import Target
from service.figma.records import Webhook
from service.secrets.encryption import new_token
from service.store.secret_records import StoredToken
from service.store.webhook_records import BeingMade, PlacedWebhook, StartedWebhook, UserWebhook
from service.switching.changes import WebhookChanges
from service.switching.refusals import (
    Place,
    explain,
    explain_creation,
    no_edit_right,
    not_public,
    paused_by_operator,
)

# How long to wait for another request in the same place; Figma's response takes seconds at most.
WAIT_SECONDS = 15


@dataclass(frozen=True)
class Switched:
    status: Literal["created", "already_on"]
    message: str
    webhook: UserWebhook


class Switching(WebhookChanges):
    """One request's work on webhooks. Every method raises ``ServiceError`` with a sentence."""

    def switch_on(self, user_id: str, target: Target, guest_rule: str) -> Switched:
        settings = self._services.settings
        if not settings.is_found_by_figma:
            raise not_public(settings.webhook_url)
        token = self._services.tokens.of_user(user_id)
        place = self._look(token, target)
        if place.role == "viewer":
            return self._answer_viewer(user_id, place)
        deadline = time.monotonic() + WAIT_SECONDS
        while (done := self._try(user_id, token, place, guest_rule)) is None:
            if time.monotonic() > deadline:
                raise Conflict(
                    "The buddy is being switched on there right now. Look again in a minute.",
                    code="in_progress",
                    retry_after=60,
                )
            time.sleep(0.25)
        return done

    def _look(self, token: StoredToken, target: Target) -> Place:
        """The place that the link leads to. A file is read, to check that the person can see it."""
        if target.context != "file":
            return Place(target.context, target.id, f"{target.context.capitalize()} {target.id}")
        place = Place("file", target.file_key, "")
        figma = self._services.figma
        meta = self._ask(token, place, lambda usable: figma.file_meta(usable, place.id))
        return Place("file", place.id, meta.name[:200], meta.role)

    def _answer_viewer(self, user_id: str, place: Place) -> Switched:
        """Figma shows webhooks only to editors, so for a viewer our own row has to be enough."""
        for row in self._others(user_id, place):
            if row.state == "active":
                return _switched_on_by(row)
        raise no_edit_right()

    def _try(
        self, user_id: str, token: StoredToken, place: Place, guest_rule: str
    ) -> Switched | None:
        """One try. Returns None if another request there has to finish first."""
        rows = self._database.webhooks_of_context(place.context, place.id)
        if any(row.is_being_made for row in rows):
            return None
        at_figma = self._list(token, place)
        others = [row for row in rows if row.user_id != user_id]
        if other := _find_live(others, at_figma):
            return _switched_on_by(other)
        passcode = new_token()
        row = self._reserve(user_id, place, guest_rule, passcode)
        if isinstance(row, BeingMade):
            return None
        if row.is_mine:
            known = {each.figma_webhook_id for each in others}
            return self._make(user_id, token, place, row, passcode, at_figma, known)
        if row.state == "creating":
            return None
        return self._keep(user_id, token, place, row)

    def _others(self, user_id: str, place: Place) -> list[PlacedWebhook]:
        rows = self._database.webhooks_of_context(place.context, place.id)
        return [row for row in rows if row.user_id != user_id]

    def _list(self, token: StoredToken, place: Place) -> list[Webhook]:
        figma = self._services.figma
        return self._ask(
            token, place, lambda usable: figma.webhooks(usable, place.context, place.id)
        )

    def _reserve(
        self, user_id: str, place: Place, guest_rule: str, passcode: str
    ) -> StartedWebhook | BeingMade:
        vault = self._services.vault
        try:
            return self._database.start_webhook(
                user_id=user_id,
                context=place.context,
                context_id=place.id,
                label=place.label,
                guest_rule=guest_rule,
                passcode_encrypted=vault.encrypt(passcode),
                passcode_hash=vault.keyed_hash(passcode),
            )
        except Conflict as error:
            raise paused_by_operator() from error

    def _keep(
        self, user_id: str, token: StoredToken, place: Place, row: StartedWebhook
    ) -> Switched | None:
        """The person's own row exists already. Resume it, unless Figma has lost its webhook."""
        # Listed again: another request of this person may have just created it.
        listed = {each.id: each.status for each in self._list(token, place)}
        status = listed.get(row.figma_webhook_id or "")
        if status is None:
            self._database.change_webhook(user_id, row.id, state="deleted")
            return None
        if row.state == "active" and status == "ACTIVE":
            return Switched("already_on", "You have already switched the buddy on there.", row)
        resumed = self.change(user_id, row.id, "active", None).webhook
        return Switched("already_on", f"The buddy listens again in {place.label}.", resumed)

    def _make(
        self, user_id: str, token: StoredToken, place: Place, row: StartedWebhook, passcode: str,
        at_figma: list[Webhook], known: set[str | None],
    ) -> Switched | None:  # fmt: skip
        """``known``: webhooks of others that existed before ``at_figma`` was listed."""
        try:
            others = {each.figma_webhook_id for each in self._others(user_id, place)}
            if others - known:
                # A webhook was created since the list was read: read it again.
                self._database.change_webhook(user_id, row.id, state="deleted")
                return None
            figma_id = self._adopt(token, place, passcode, at_figma, others)
            figma_id = figma_id or self._create(token, place, passcode, len(at_figma), others)
            made = self._database.confirm_webhook(row.id, figma_id)
        except ServiceError:
            self._database.change_webhook(user_id, row.id, state="deleted")
            raise
        return Switched("created", _describe_new(place, made), made)

    def _adopt(
        self, token: StoredToken, place: Place, passcode: str, at_figma: list[Webhook],
        taken: set[str | None],
    ) -> str | None:  # fmt: skip
        """Take over a webhook of ours that an interrupted request left at Figma."""
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
        self,
        token: StoredToken,
        place: Place,
        passcode: str,
        slots_used: int,
        taken: set[str | None],
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
                found = self._adopt(token, place, passcode, self._list(token, place), taken)
                if found:
                    return found
            raise explain_creation(error, place, slots_used, settings.webhook_url) from error
        return made.id


def _find_live(rows: list[PlacedWebhook], at_figma: list[Webhook]) -> PlacedWebhook | None:
    """A row whose webhook Figma really delivers from. A second webhook would be useless then."""
    delivering = {each.id for each in at_figma if each.status == "ACTIVE"}
    return next((r for r in rows if r.state == "active" and r.figma_webhook_id in delivering), None)


def _switched_on_by(row: PlacedWebhook) -> Switched:
    sentence = f"{row.owner_handle} has already switched the buddy on there."
    return Switched("already_on", sentence, row)


def _describe_new(place: Place, row: UserWebhook) -> str:
    if row.contact == "heard":
        return f"The buddy is now switched on in {place.label}."
    return (
        f"The buddy is set up in {place.label}. It is on as soon as Figma's first message reaches "
        "us, as a rule within seconds."
    )

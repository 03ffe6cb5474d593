"""The SQL functions for drafts that wait for the owner of their webhook."""

from datetime import datetime
from typing import Literal

from service.store.answer_records import DraftJson, WaitingDraft, WaitingMail
from service.store.sql_calls import SqlCalls
from service.store.webhook_records import UserWebhook, WebhookPreview


class StoredPreviews(SqlCalls):
    """A part of ``Database``."""

    def hold_answer(
        self,
        answer_id: str,
        attempt: int,
        draft: DraftJson,
        seconds: float,
        notice_comment_id: str | None,
    ) -> datetime:
        """When the draft expires. Raises Conflict if another attempt has taken over."""
        until = self._value(
            str,
            "hold_answer",
            answer_id=answer_id,
            attempt=attempt,
            draft=draft,
            seconds=seconds,
            notice_comment_id=notice_comment_id,
        )
        return datetime.fromisoformat(until)

    def list_previews(self, user_id: str) -> list[WaitingDraft]:
        return self._list(WaitingDraft.from_json, "list_previews", user_id=user_id)

    def take_preview_mail(self) -> WaitingMail | None:
        """Whom to tell next by mail; each is given out once."""
        return self._find(WaitingMail.from_json, "take_preview_mail")

    def decide_preview(
        self, user_id: str, answer_id: str, choice: Literal["post", "drop"], body: str | None
    ) -> str:
        """The choice in force. Raises NotFound, or Conflict if it is decided or has expired."""
        return self._value(
            str, "decide_preview", user_id=user_id, answer_id=answer_id, choice=choice, body=body
        )

    def set_webhook_preview(
        self, user_id: str, webhook_id: str, preview: WebhookPreview
    ) -> UserWebhook:
        """Raises NotFound."""
        return self._read(
            UserWebhook.from_json,
            "set_webhook_preview",
            user_id=user_id,
            webhook_id=webhook_id,
            preview=preview,
        )

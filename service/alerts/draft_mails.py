"""Tells owners by mail that drafted replies wait for them: *Ask me first*, where there is SMTP_URL.

One that is lost is not sent again: the account page and the thread say the same.
"""

from uuid import uuid4

from service.alerts.mail import mail, send
from service.alerts.sending import Outcome
from service.config import Settings
from service.store.answer_records import WaitingMail
from service.store.database import Database


class DraftMails:
    """Of one worker. ``send_next`` blocks."""

    def __init__(self, settings: Settings, database: Database):
        self._settings, self._database = settings, database

    def send_next(self) -> Outcome | None:
        """Send one mail; None if nobody is to be told, or if there is no mail server."""
        settings = self._settings
        if settings.smtp_url is None:
            return None
        waiting = self._database.take_preview_mail()
        if waiting is None:
            return None
        title, text = words(waiting, settings)
        try:
            message = mail(str(uuid4()), settings.mail_from, waiting.email, title, text)
        except ValueError:
            return Outcome(False, reason="It is not an address of mail.", is_final=True)
        return send(settings.smtp_url, message)


def words(waiting: WaitingMail, settings: Settings) -> tuple[str, str]:
    """Without the question: a mail passes through others' hands."""
    title = (
        "A drafted answer waits for you"
        if waiting.drafts == 1
        else f"{waiting.drafts} drafted answers wait for you"
    )
    text = (
        f"{title} in Figma: post, change or drop it on your account page until "
        f"{waiting.until:%-d %b %Y, %H:%M} UTC. After that it expires, and nobody is charged.\n\n"
        f"{settings.public_url}/account\n\n"
        "You get this because you chose *Ask me first* for a file; you can change that there. "
        "There is at most one such mail an hour.\n"
    )
    return title, text

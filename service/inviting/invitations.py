"""Sends invitations that wait, each mail once: taken, sent, result stored."""

from dataclasses import dataclass

import structlog

from service.config import Settings
from service.inviting.invitation_mails import InvitationMails
from service.store.database import Database
from service.store.record import Record
from service.store.stored_invitations import InvitationMail

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sent(Record):
    """What became of one mail. ``problem`` is a code; empty: it was sent."""

    id: str
    send: int
    problem: str


class Invitations:
    """The invitations of one worker. ``send_next`` blocks."""

    def __init__(self, settings: Settings, database: Database):
        self._database = database
        self._mails = InvitationMails(settings)

    def send_next(self) -> Sent | None:
        """Send one mail; None if none waits. A mail that may have gone out is never repeated."""
        mail = self._database.take_invitation()
        if mail is None:
            return None
        problem = self._mails.send(mail.email, link(mail))
        self._database.close_invitation_send(mail.id, mail.send, problem)
        return Sent(mail.id, mail.send, problem)


def link(mail: InvitationMail) -> str:
    """Where the mail's link ends: the dashboard, with the secret of this mail."""
    return f"{mail.address.rstrip('/')}/?invitation={mail.token}"

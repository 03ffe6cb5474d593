"""The SQL functions for invitations of operators that wait to be sent."""

from dataclasses import dataclass, field

from service.store.record import Record
from service.store.sql_calls import SqlCalls


@dataclass(frozen=True, slots=True)
class InvitationMail(Record):
    """A mail to send. ``send`` counts those of one invitation; ``token`` is the link's secret."""

    id: str
    send: int
    email: str
    address: str
    token: str = field(repr=False)


class StoredInvitations(SqlCalls):
    """A part of ``Database``."""

    def take_invitation(self) -> InvitationMail | None:
        """The next mail; each is given out once. One whose answer was lost fails by itself."""
        return self._find(InvitationMail.from_json, "take_invitation")

    def close_invitation_send(self, id: str, send: int, problem: str) -> None:
        """``problem`` is a code; empty: the mail was sent."""
        self._call("close_invitation_send", id=id, send=send, problem=problem)

"""The records that SQL returns about secrets, all of them encrypted, and about what is left to
remove after a person has left."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from service.store.record import Record


@dataclass(frozen=True, slots=True)
class StoredToken(Record):
    """A person's connection to Figma. ``version`` counts its renewals."""

    user_id: str
    access_token_encrypted: str = field(repr=False)
    expires_at: datetime
    version: int
    is_revoked: bool


@dataclass(frozen=True, slots=True)
class FigmaTokenRow(StoredToken):
    figma_user_id: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActingToken(FigmaTokenRow):
    """A token that may act for an answer: the webhook owner's, or the author's."""

    is_owner: bool | None


@dataclass(frozen=True, slots=True)
class TokenClaim(Record):
    """Whether this process may renew a token now. If there is no token, only the outcome is set."""

    outcome: Literal["claimed", "fresh", "busy", "revoked"]
    version: int | None
    access_token_encrypted: str | None = field(repr=False)
    refresh_token_encrypted: str | None = field(repr=False)
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class TokenSecrets(Record):
    user_id: str
    version: int
    access_token_encrypted: str = field(repr=False)
    refresh_token_encrypted: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasscodeSecret(Record):
    webhook_id: str
    user_id: str
    state: str
    passcode_encrypted: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChannelSeal(Record):
    channel_id: str
    sealed: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DepartingWebhook(Record):
    id: str
    figma_webhook_id: str
    tries: int


@dataclass(frozen=True, slots=True)
class Departing(Record):
    """The webhooks of a departed person that are to be removed at Figma, and the token for it."""

    token: StoredToken | None
    webhooks: tuple[DepartingWebhook, ...]

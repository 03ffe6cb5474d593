"""The records that SQL returns about where components are pushed to."""

from dataclasses import dataclass, field
from datetime import datetime

from service.store.record import Record


@dataclass(frozen=True, slots=True)
class ShownTarget(Record):
    """A GitHub setting as its owners see it, without its token.

    ``is_team``: it belongs to the team, and not to the person alone. ``is_setter_gone``: whoever
    entered the token has left, so it is no longer used.
    """

    repository: str
    base_branch: str
    folder: str
    installation_id: int | None
    is_team: bool
    set_by_handle: str
    set_at: datetime
    is_setter_gone: bool


@dataclass(frozen=True, slots=True)
class SealedTarget(Record):
    """A GitHub setting for the worker. Either the token or the installation is there."""

    owner_id: str
    repository: str
    base_branch: str
    folder: str
    token_encrypted: str | None = field(repr=False)
    installation_id: int | None
    is_setter_gone: bool


@dataclass(frozen=True, slots=True)
class TargetSecret(Record):
    owner_id: str
    token_encrypted: str = field(repr=False)

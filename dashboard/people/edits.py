"""Operators' actions for a person. Each is one SQL function with a reason, audited."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from dashboard.access.auth import Operator
from dashboard.data import audit
from dashboard.data.writes import send, send_for
from dashboard.people import queries
from dashboard.people.person import Note, Usage

T = TypeVar("T")

READS = (
    queries.find_people,
    queries.offer_rehearsal,
    queries.read_card,
    queries.read_story,
    queries.read_versions,
    queries.read_notes,
    audit.read_audit,
    audit.read_audit_choices,
)


@dataclass(frozen=True)
class Saved:
    """If saved, `version` is the new version.

    If not, `version` is what somebody else (`changed_by`) saved meanwhile, `theirs` is its content,
    and `base` is the content of the version that was edited.
    """

    is_saved: bool
    version: int
    theirs: dict[str, Any] = field(default_factory=dict)
    base: dict[str, Any] | None = None
    changed_by: str = ""


@dataclass(frozen=True)
class Later:
    """A later version that changed some of the same fields."""

    version: int
    saved_by: str
    fields: list[str]


@dataclass(frozen=True)
class Undone:
    """The version that an undo made. If later versions conflict with the undo, they are in
    `blocked_by` and nothing was done."""

    is_undone: bool
    version: int | None = None
    blocked_by: list[Later] = field(default_factory=list)


@dataclass(frozen=True)
class Granted:
    """The usage after uses were granted."""

    usage: Usage


@dataclass(frozen=True)
class State:
    """The account's state now."""

    state: str


@dataclass(frozen=True)
class Deleted:
    """How many webhooks are being removed at Figma, and how many remain there."""

    webhooks_leaving: int
    webhooks_left: int


@dataclass(frozen=True)
class Address:
    """An e-mail address, if one is known."""

    email: str | None


@dataclass(frozen=True)
class Begun:
    """A trial of a guidance that was begun."""

    id: str


def save_context(
    operator: Operator, user_id: str, version: int, content: Mapping[str, Any], reason: str
) -> Saved:
    """Save, unless the newest version is no longer `version`."""
    return _send(
        operator,
        "operator_save_context",
        Saved,
        reason,
        user_id=user_id,
        expected_version=version,
        content=dict(content),
    )


def undo_context(operator: Operator, user_id: str, version: int, reason: str) -> Undone:
    """Undo, unless later versions changed the same fields."""
    return _send(
        operator, "operator_undo_context", Undone, reason, user_id=user_id, version=version
    )


def start_rehearsal(
    operator: Operator, user_id: str, content: Mapping[str, Any], questions: int, reason: str
) -> Begun:
    """Try a guidance on a person's latest questions. Logged: the operator sees their words."""
    return _send(
        operator,
        "operator_start_rehearsal",
        Begun,
        reason,
        user_id=user_id,
        content=dict(content),
        questions=questions,
    )


def grant_uses(operator: Operator, key: str, user_id: str, uses: int, reason: str) -> Granted:
    """`key` is a UUID for idempotency: a second call with it grants nothing."""
    return _send(
        operator, "operator_grant_uses", Granted, reason, grant_id=key, user_id=user_id, uses=uses
    )


def revoke_grant(operator: Operator, grant_id: str, reason: str) -> Usage:
    """Take a grant back; return the remaining usage."""
    return _send(operator, "operator_revoke_grant", Usage, reason, grant_id=grant_id)


def change_plan(operator: Operator, user_id: str, expected: str, plan: str, reason: str) -> Usage:
    """Return the usage on the new plan. Refused if the current plan is not `expected`."""
    return _send(
        operator,
        "operator_change_plan",
        Usage,
        reason,
        user_id=user_id,
        expected_plan=expected,
        plan_code=plan,
    )


def set_state(operator: Operator, user_id: str, state: str, reason: str) -> State:
    """`state` is active or suspended."""
    return _send(operator, "operator_set_state", State, reason, user_id=user_id, state=state)


def delete_account(operator: Operator, user_id: str, reason: str) -> Deleted:
    """It cannot be undone."""
    return _send(operator, "operator_delete_account", Deleted, reason, user_id=user_id)


def reveal_person(operator: Operator, user_id: str, reason: str) -> Address:
    """Logged."""
    return _send(operator, "reveal_person", Address, reason, user_id=user_id)


def export_person(operator: Operator, user_id: str, reason: str) -> dict[str, Any]:
    """Everything stored about a person, as one object. Logged."""
    return _send(operator, "operator_export_person", dict[str, Any], reason, user_id=user_id)


def _send(operator: Operator, function: str, shape: type[T], reason: str, **parameters: Any) -> T:
    named = {f"p_{name}": value for name, value in parameters.items()}
    return send_for(operator, function, shape, {**named, "p_reason": reason}, clears=READS)


def save_note(operator: Operator, note_id: str, user_id: str, text: str, version: int) -> None:
    """`version`: the one that was shown; 0 for a new note, whose id the caller chooses."""
    parameters = {"p_id": note_id, "p_user_id": user_id, "p_text": text, "p_version": version}
    send(operator, "save_person_note", parameters, clears=READS)


def remove_note(operator: Operator, note: Note) -> None:
    parameters = {"p_id": note.id, "p_version": note.version}
    send(operator, "remove_person_note", parameters, clears=READS)

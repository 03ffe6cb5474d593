"""What operators do for a person. Each is one SQL function with a reason, audited."""

from collections.abc import Mapping
from typing import Any

from dashboard.access.auth import Operator
from dashboard.data import audit
from dashboard.data.writes import send
from dashboard.people import queries

READS = (
    queries.find_people,
    queries.read_card,
    queries.read_story,
    queries.read_versions,
    audit.read_audit,
    audit.read_audit_choices,
)


def save_context(
    operator: Operator, user_id: str, version: int, content: Mapping[str, Any], reason: str
) -> dict[str, Any]:
    """{is_saved: true, version}, or {is_saved: false, version, base, theirs, changed_by}."""
    return _send(
        operator,
        "operator_save_context",
        reason,
        user_id=user_id,
        expected_version=version,
        content=dict(content),
    )


def undo_context(operator: Operator, user_id: str, version: int, reason: str) -> dict[str, Any]:
    """{is_undone, version, fields}, or {is_undone: false, blocked_by: [{version, …}]}."""
    return _send(operator, "operator_undo_context", reason, user_id=user_id, version=version)


def grant_uses(
    operator: Operator, key: str, user_id: str, uses: int, reason: str
) -> dict[str, Any]:
    """{grant_id, usage}. `key` is a UUID: sent again with it, nothing is granted twice."""
    return _send(operator, "operator_grant_uses", reason, grant_id=key, user_id=user_id, uses=uses)


def revoke_grant(operator: Operator, grant_id: str, reason: str) -> dict[str, Any]:
    """The usage that is left."""
    return _send(operator, "operator_revoke_grant", reason, grant_id=grant_id)


def change_plan(
    operator: Operator, user_id: str, expected: str, plan: str, reason: str
) -> dict[str, Any]:
    """The usage on the new plan. Refused when the plan is no longer `expected`."""
    return _send(
        operator,
        "operator_change_plan",
        reason,
        user_id=user_id,
        expected_plan=expected,
        plan_code=plan,
    )


def set_state(operator: Operator, user_id: str, state: str, reason: str) -> dict[str, Any]:
    """`state` is active or suspended."""
    return _send(operator, "operator_set_state", reason, user_id=user_id, state=state)


def delete_account(operator: Operator, user_id: str, reason: str) -> dict[str, Any]:
    """{state, is_trial_remembered, webhooks_leaving, webhooks_left}. It cannot be undone."""
    return _send(operator, "operator_delete_account", reason, user_id=user_id)


def reveal_person(operator: Operator, user_id: str, reason: str) -> dict[str, Any]:
    """{user_id, email}; logged."""
    return _send(operator, "reveal_person", reason, user_id=user_id)


def reveal_answer(operator: Operator, answer_id: str, reason: str) -> dict[str, Any]:
    """{answer_id, question, reply}; logged."""
    return _send(operator, "reveal_answer", reason, answer_id=answer_id)


def export_person(operator: Operator, user_id: str, reason: str) -> dict[str, Any]:
    """Everything kept about a person, as one object; logged."""
    return _send(operator, "operator_export_person", reason, user_id=user_id)


def _send(operator: Operator, function: str, reason: str, **parameters: Any) -> dict[str, Any]:
    named = {f"p_{name}": value for name, value in parameters.items()}
    done: dict[str, Any] = send(operator, function, {**named, "p_reason": reason}, clears=READS)
    return done

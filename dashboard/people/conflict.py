"""Somebody saved meanwhile: each field as it was, as they left it, and as it was about to be."""

from typing import Any

import streamlit as st

from dashboard.auth import Operator
from dashboard.context_merge import FIELDS, Merge, Side, as_text, merge
from dashboard.edits import people as edits
from dashboard.people import asking

CHOICES: dict[str, Side] = {"Keep theirs": "theirs", "Keep mine": "mine"}


def draw(operator: Operator, editing: dict[str, Any]) -> None:
    clash = editing["conflict"]
    sides = merge(clash["base"] or {}, clash["theirs"], clash["mine"])
    who = "the person" if clash["changed_by"] == "user" else clash["changed_by"]
    st.warning(
        f"Version {clash['version']} was saved meanwhile by {who}. Nothing of yours is saved yet. "
        "What only one side changed is kept from both; where both changed the same field, choose.",
        title="Somebody else changed this context",
        icon=":material/call_split:",
    )
    choices: dict[str, Side] = {}
    for field in FIELDS:
        if field in sides.changed_by_me or field in sides.changed_by_them:
            choice = _field(field, sides, clash["version"])
            if choice:
                choices[field] = choice
    reason = st.text_input(
        "Reason", clash["reason"], max_chars=500, key=f"people_merge_{clash['version']}"
    )
    _buttons(operator, editing, sides, choices, (reason or "").strip())


def _field(field: str, sides: Merge, version: int) -> Side | None:
    label, _ = FIELDS[field]
    with st.container(border=True):
        st.subheader(label, anchor=False)
        for column, name, side in zip(
            st.columns(3),
            ("Before", "Theirs", "Mine"),
            (sides.base, sides.theirs, sides.mine),
            strict=True,
        ):
            column.caption(name)
            column.code(
                as_text(field, side.get(field)) or "(empty)", language=None, wrap_lines=True
            )
        if field in sides.conflicts:
            picked = st.radio(
                f"{label}: which one counts?",
                list(CHOICES),
                index=None,
                horizontal=True,
                key=f"people_choice_{field}_{version}",
            )
            return CHOICES[picked] if picked else None
        st.caption(_why_kept(field, sides))
    return None


def _why_kept(field: str, sides: Merge) -> str:
    if field in sides.changed_by_me and field in sides.changed_by_them:
        return "Both of you wrote the same: kept."
    return (
        "Only you changed this: kept."
        if field in sides.changed_by_me
        else "Only they changed this: kept."
    )


def _buttons(
    operator: Operator,
    editing: dict[str, Any],
    sides: Merge,
    choices: dict[str, Side],
    reason: str,
) -> None:
    is_open = any(field not in choices for field in sides.conflicts)
    with st.container(horizontal=True):
        is_save = st.button(
            "Save the merged version",
            type="primary",
            disabled=is_open,
            help="Choose for each field that both changed." if is_open else None,
            key="people_merge_save",
        )
        if st.button("Drop my changes", key="people_merge_drop"):
            st.session_state.pop("people_editing")
            asking.done("Your changes were dropped.")
    if not is_save:
        return
    version, merged = editing["conflict"]["version"], sides.content(choices)
    result = asking.attempt(
        reason, lambda: edits.save_context(operator, editing["user_id"], version, merged, reason)
    )
    if result and result["is_saved"]:
        st.session_state.pop("people_editing")
        asking.done(f"Saved as version {result['version']}, with both sides' changes.")
    elif result:
        editing["conflict"] = {**result, "mine": merged, "reason": reason}
        st.rerun()

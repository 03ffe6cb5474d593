"""The context editor: fields, preview, and a save that never overwrites what was not seen."""

from typing import Any

import streamlit as st

from dashboard.access.auth import Operator
from dashboard.people import conflict, dialogs, edits
from dashboard.people.context_merge import (
    FIELDS,
    SHARED,
    as_text,
    from_text,
    problems,
)
from service.guidance import FIELDS as SHAREABLE
from service.guidance import MOST_AREAS
from service.llm.prompt import Guidance, build_prompt

EDITING = "people_editing"
HINTS = {
    "focus_areas": f"One a line, up to {MOST_AREAS}, for example “contrast”.",
    "language": "A tag such as de-AT, or the language in words.",
    "model": "As provider/model. Empty: the service chooses.",
    SHARED: "What answers to guests may use, where this person pays for them. Whoever can comment "
    "in such a file can find out what it says. Share only what the person asked to share.",
}
TALL = ("instructions", "brand", "design_system_rules", "focus_areas")


def draw(operator: Operator, user_id: str, newest: dict[str, Any]) -> None:
    """`newest` is the version in force. What is being edited keeps the version it began with."""
    editing = st.session_state.get(EDITING)
    if not editing or editing["user_id"] != user_id:
        editing = begin(user_id, newest["version"], newest["content"])
    if "conflict" in editing:
        conflict.draw(operator, editing)
        return
    _form(operator, editing)


def begin(user_id: str, version: int, content: dict[str, Any]) -> dict[str, Any]:
    """Start editing this version anew."""
    editing = {"user_id": user_id, "version": version, "content": content}
    st.session_state[EDITING] = editing
    return editing


def _form(operator: Operator, editing: dict[str, Any]) -> None:
    version = editing["version"]
    with st.form(f"people_context_{editing['user_id']}_{version}", border=True):
        st.caption(f"You edit version {version}.")
        mine = {field: _field(field, editing) for field in FIELDS}
        reason = dialogs.reason_field(f"people_context_reason_{version}")
        with st.container(horizontal=True):
            is_save = st.form_submit_button("Save", type="primary", icon=":material/save:")
            is_preview = st.form_submit_button("Preview", icon=":material/preview:")
    for problem in problems(mine):
        st.error(problem, icon=":material/error:")
    if is_save and not problems(mine):
        save(operator, editing, mine, reason)
    if is_preview:
        draw_preview(mine)


def _field(field: str, editing: dict[str, Any]) -> Any:
    label, limit = FIELDS[field]
    key = f"people_{field}_{editing['user_id']}_{editing['version']}"
    if field == SHARED:
        picked = st.pills(
            label,
            SHAREABLE,
            selection_mode="multi",
            default=editing["content"].get(field),
            format_func=lambda each: FIELDS[each][0],
            key=key,
            help=HINTS[field],
        )
        # In the order in which the database keeps them.
        return sorted(picked)
    text = as_text(field, editing["content"].get(field))
    whole = limit if field != "focus_areas" else (limit + 1) * MOST_AREAS
    hint = HINTS.get(field)
    if field in TALL:
        typed = st.text_area(label, text, max_chars=whole, key=key, help=hint, height=100)
    else:
        typed = st.text_input(label, text, max_chars=whole, key=key, help=hint)
    return from_text(field, typed or "")


def save(operator: Operator, editing: dict[str, Any], mine: dict[str, Any], reason: str) -> None:
    if mine == {field: editing["content"].get(field) for field in FIELDS}:
        st.info("Nothing was changed.", icon=":material/info:")
        return
    user_id, version = editing["user_id"], editing["version"]
    result = dialogs.attempt(
        reason, lambda: edits.save_context(operator, user_id, version, mine, reason)
    )
    if result is None:
        return
    if result["is_saved"]:
        st.session_state.pop(EDITING)
        dialogs.done(f"Saved as version {result['version']}.")
    editing["conflict"] = {**result, "mine": mine, "reason": reason}
    st.rerun()


def draw_preview(content: dict[str, Any]) -> None:
    """The message a model gets, built by the service's own code around an example question."""
    guidance = Guidance(
        instructions=content["instructions"],
        tone=content["tone"],
        brand=content["brand"],
        design_system=content["design_system_rules"],
        language=content["language"],
        focus=tuple(content["focus_areas"]),
    )
    prompt = build_prompt("Is this contrast ok?", asker="Somebody", guidance=guidance)
    st.caption(
        f"What the model gets after the fixed rules, with an example question; about "
        f"{prompt.estimated_tokens:,} tokens with the rules. Model asked first: "
        f"{content['model'] or 'the service chooses'}. For a guest it holds of this: "
        f"{as_text(SHARED, content[SHARED]).replace(chr(10), ', ') or 'nothing'}."
    )
    st.code(prompt.messages[1]["content"], language=None, wrap_lines=True)

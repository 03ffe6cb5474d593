"""The context editor: fields, preview, and a save that never overwrites unseen changes."""

from typing import Any

import streamlit as st

from dashboard.access.auth import Operator
from dashboard.parts import dialogs
from dashboard.people import conflict, editing, edits, rehearsing
from dashboard.people.context_merge import (
    FIELDS,
    SHARED,
    WholeContext,
    as_text,
    from_text,
    problems,
)
from dashboard.people.editing import Editing
from dashboard.people.person import Version
from service.guidance import FIELDS as SHAREABLE
from service.guidance import MOST_AREAS
from service.llm.prompt import Guidance, build_prompt

HINTS = {
    "design_system_rules": "A line “Rules off: line-length” or “Grid: 8” changes what is measured. "
    "The service lists all rules at /docs/rules.",
    "focus_areas": f"One a line, up to {MOST_AREAS}, for example “contrast”.",
    "language": "A tag such as de-AT, or the language in words.",
    "model": "As provider/model. Empty: the service chooses.",
    SHARED: "What answers to guests may use, where this person pays for them. Whoever can comment "
    "in such a file can find out what it says. Share only what the person asked to share.",
}
TALL = ("instructions", "brand", "design_system_rules", "focus_areas")


def draw(operator: Operator, user_id: str, newest: Version) -> None:
    """`newest` is the version in force. An edit in progress keeps the version it started from."""
    now = editing.current()
    if now is None or now.user_id != user_id:
        now = editing.keep(Editing(user_id, newest.version, newest.content))
    if now.conflict:
        conflict.draw(operator, user_id, now.conflict)
        return
    _form(operator, now)


def _form(operator: Operator, now: Editing) -> None:
    version = now.version
    with st.form(f"people_context_{now.user_id}_{version}", border=True):
        st.caption(f"You edit version {version}.")
        mine = {field: _field(field, now) for field in FIELDS}
        reason = dialogs.reason_field(f"people_context_reason_{version}")
        questions = rehearsing.pick_questions(
            operator, now.user_id, f"people_rehearsal_questions_{now.user_id}"
        )
        with st.container(horizontal=True):
            is_save = st.form_submit_button("Save", type="primary", icon=":material/save:")
            is_preview = st.form_submit_button("Preview", icon=":material/preview:")
            is_rehearsal = questions is not None and st.form_submit_button(
                "What would it have said?", icon=":material/compare:"
            )
    for problem in problems(mine):
        st.error(problem, icon=":material/error:")
    if is_save and not problems(mine):
        save(operator, now, mine, reason)
    if is_preview:
        draw_preview(mine)
    if is_rehearsal and questions and not problems(mine):
        rehearsing.start(operator, now.user_id, mine, questions, reason)
    rehearsing.draw(now.user_id)


def _field(field: str, now: Editing) -> Any:
    label, limit = FIELDS[field]
    key = f"people_{field}_{now.user_id}_{now.version}"
    if field == SHARED:
        picked = st.pills(
            label,
            SHAREABLE,
            selection_mode="multi",
            default=now.content.get(field),
            format_func=lambda each: FIELDS[each][0],
            key=key,
            help=HINTS[field],
        )
        # The database stores them in this order.
        return sorted(picked)
    text = as_text(field, now.content.get(field))
    whole = limit if field != "focus_areas" else (limit + 1) * MOST_AREAS
    hint = HINTS.get(field)
    if field in TALL:
        typed = st.text_area(label, text, max_chars=whole, key=key, help=hint, height=100)
    else:
        typed = st.text_input(label, text, max_chars=whole, key=key, help=hint)
    return from_text(field, typed or "")


def save(operator: Operator, now: Editing, mine: dict[str, Any], reason: str) -> None:
    if mine == {field: now.content.get(field) for field in FIELDS}:
        st.info("Nothing was changed.", icon=":material/info:")
        return
    result = dialogs.attempt(
        reason, lambda: edits.save_context(operator, now.user_id, now.version, mine, reason)
    )
    if result is None:
        return
    if result.is_saved:
        editing.end()
        dialogs.done(f"Saved as version {result.version}.")
    editing.meet(conflict.of_save(result, mine, reason))
    st.rerun()


def draw_preview(fields: dict[str, Any]) -> None:
    """The message a model gets, built by the service's own code around an example question."""
    content = WholeContext(**fields)
    guidance = Guidance(
        instructions=content.instructions,
        tone=content.tone,
        brand=content.brand,
        design_system=content.design_system_rules,
        language=content.language,
        focus=tuple(content.focus_areas),
    )
    prompt = build_prompt("Is this contrast ok?", asker="Somebody", guidance=guidance)
    _, message = prompt.messages
    st.caption(
        f"What the model gets after the fixed rules, with an example question; about "
        f"{prompt.estimated_tokens:,} tokens with the rules. Model asked first: "
        f"{content.model or 'the service chooses'}. For a guest it holds of this: "
        f"{as_text(SHARED, content.shared_with_guests).replace(chr(10), ', ') or 'nothing'}."
    )
    st.code(message["content"], language=None, wrap_lines=True)

"""Every version of a context with its changes, and the undo of one change."""

import difflib

import streamlit as st

from dashboard.access.auth import Operator
from dashboard.parts import dialogs, words
from dashboard.people import conflict, editing, edits
from dashboard.people.context_merge import FIELDS, as_text, changed
from dashboard.people.editing import Editing
from dashboard.people.person import Version


def draw(
    operator: Operator, user_id: str, versions: list[Version], zone: str, *, may_undo: bool
) -> None:
    """`versions`: newest first."""
    st.subheader("History", anchor=False)
    linked = st.query_params.get("version")
    for version, before in zip(versions, [*versions[1:], None], strict=True):
        fields = changed(before.content, version.content) if before else ()
        names = ", ".join(FIELDS[field][0] for field in fields) or "the beginning"
        who = "the person" if version.saved_by == "user" else version.saved_by
        number = version.version
        title = words.label(f"Version {number} · {names} · by {who}")
        with st.expander(title, expanded=linked == str(number)):
            st.caption(
                words.plain(
                    f"In force since {words.moment(version.saved_at, zone)}. "
                    + (f"Reason: {version.reason}" if version.reason else "No reason given.")
                )
            )
            _draw_changes(version, before, fields)
            is_change = bool(before and fields and may_undo)
            if is_change and st.button(
                "Undo this change", key=f"people_undo_{number}", icon=":material/undo:"
            ):
                undo(operator, user_id, versions, number)


def _draw_changes(version: Version, before: Version | None, fields: tuple[str, ...]) -> None:
    if before is None:
        for field, (label, _) in FIELDS.items():
            if text := as_text(field, version.content.get(field)):
                st.caption(label)
                st.code(text, language=None, wrap_lines=True)
        return
    for field in fields:
        st.caption(FIELDS[field][0])
        st.code(
            diff(
                as_text(field, before.content.get(field)),
                as_text(field, version.content.get(field)),
            ),
            language="diff",
            wrap_lines=True,
        )


def diff(before: str, after: str) -> str:
    """Removed lines start with "-", added ones with "+", unchanged ones with a space."""
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return "\n".join(line for line in lines if not line.startswith("?"))


@st.dialog("Undo one change", on_dismiss="rerun")
def undo(operator: Operator, user_id: str, versions: list[Version], version: int) -> None:
    """`versions`: newest first. If later ones changed the same fields, the page offers a choice."""
    contents = {each.version: each.content for each in versions}
    fields = [FIELDS[name][0] for name in changed(contents[version - 1], contents[version])]
    st.write(
        f"Puts {', '.join(fields)} back as before version {version} and keeps every later change. "
        "It becomes a new version, which can be undone in the same way. Where a later version "
        "changed the same field, you choose."
    )
    reason = dialogs.reason_field(f"people_undo_reason_{version}")
    if not st.button("Undo", type="primary", key="people_undo_confirm"):
        return
    result = dialogs.attempt(reason, lambda: edits.undo_context(operator, user_id, version, reason))
    if result is None:
        return
    if result.is_undone:
        editing.end()
        dialogs.done(f"Version {version} was undone: version {result.version} is in force.")
    clash = conflict.of_undo(versions, version, result.blocked_by, reason)
    editing.keep(Editing(user_id, versions[0].version, versions[0].content, clash))
    st.rerun()

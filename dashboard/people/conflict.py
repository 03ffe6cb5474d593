"""Two conflicting changes of one context: shows each field in three states, and a choice.

This happens when somebody else saved meanwhile, and when an undo concerns fields that later
versions changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.access.auth import Operator
from dashboard.parts import dialogs, words
from dashboard.parts.dialogs import REASON_LENGTH
from dashboard.people import editing, edits
from dashboard.people.context_merge import FIELDS, Merge, Side, as_text, merge
from dashboard.people.editing import Clash
from dashboard.people.edits import Later, Saved
from dashboard.people.person import Version


@dataclass(frozen=True)
class Words:
    """The labels of the three states and of the choices, and why a field needs no choice."""

    title: str
    sentence: str
    states: tuple[str, str, str]
    choices: dict[str, Side]
    same: str
    only_mine: str
    only_theirs: str
    save: str
    drop: str
    dropped: str
    saved: str


def _words(clash: Clash) -> Words:
    return _save_words(clash) if clash.undoes is None else _undo_words(clash.undoes)


def _save_words(clash: Clash) -> Words:
    who = "the person" if clash.changed_by == "user" else clash.changed_by
    return Words(
        title="Somebody else changed this context",
        sentence=f"Version {clash.version} was saved meanwhile by {who}. Nothing of yours is "
        "saved yet. What only one side changed is kept from both; where both changed the same "
        "field, choose.",
        states=("Before", "Theirs", "Mine"),
        choices={"Keep theirs": "theirs", "Keep mine": "mine"},
        same="Both of you wrote the same: kept.",
        only_mine="Only you changed this: kept.",
        only_theirs="Only they changed this: kept.",
        save="Save the merged version",
        drop="Drop my changes",
        dropped="Your changes were dropped.",
        saved="with both sides' changes",
    )


def _undo_words(version: int) -> Words:
    return Words(
        title=f"Later versions changed what version {version} had changed",
        sentence="Nothing is undone yet. Where a later version changed the same field, choose "
        "which value counts; every other later change is kept.",
        states=(f"Version {version}", "Now", f"Before version {version}"),
        choices={"Keep it as it is now": "theirs", f"As before version {version}": "mine"},
        same="It is as before already.",
        only_mine="Nobody changed this later: put back.",
        only_theirs="Changed later only: kept.",
        save="Save as a new version",
        drop="Do not undo",
        dropped="Nothing was undone.",
        saved=f"with what was picked of version {version} undone",
    )


def of_save(saved: Saved, mine: dict[str, Any], reason: str) -> Clash:
    """The conflict of a save with somebody else's save. Nothing of `mine` is saved yet."""
    return Clash(
        version=saved.version,
        base=saved.base or {},
        theirs=saved.theirs,
        mine=mine,
        reason=reason,
        changed_by=saved.changed_by,
    )


def of_undo(
    versions: Sequence[Version], version: int, blocked_by: Sequence[Later], why: str
) -> Clash:
    """The undo of one version as a merge into the newest one; `versions`: newest first.

    The merge base is the content of the version that is undone.
    """
    contents = {each.version: each.content for each in versions}
    return Clash(
        version=versions[0].version,
        base=contents[version],
        theirs=versions[0].content,
        mine=contents[version - 1],
        reason=f"Undo of version {version}: {why}"[:REASON_LENGTH],
        undoes=version,
        blocked_by=tuple(blocked_by),
    )


def draw(operator: Operator, user_id: str, clash: Clash) -> None:
    told = _words(clash)
    sides = merge(clash.base, clash.theirs, clash.mine)
    st.warning(told.sentence, title=told.title, icon=":material/call_split:")
    for each in clash.blocked_by:
        names = ", ".join(FIELDS[field][0] for field in each.fields)
        who = "the person" if each.saved_by == "user" else each.saved_by
        st.caption(words.plain(f"Version {each.version} by {who}: {names}"))
    choices: dict[str, Side] = {}
    for field in FIELDS:
        if field in sides.changed_by_me or field in sides.changed_by_them:
            choice = _field(field, sides, clash.version, told)
            if choice:
                choices[field] = choice
    reason = st.text_input(
        "Reason", clash.reason, max_chars=REASON_LENGTH, key=f"people_merge_{clash.version}"
    )
    _buttons(operator, user_id, clash, told, sides, choices, (reason or "").strip())


def _field(field: str, sides: Merge, version: int, told: Words) -> Side | None:
    label, _ = FIELDS[field]
    with st.container(border=True):
        st.subheader(label, anchor=False)
        for column, name, side in zip(
            st.columns(3),
            told.states,
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
                list(told.choices),
                index=None,
                horizontal=True,
                key=f"people_choice_{field}_{version}",
            )
            return told.choices.get(picked) if picked else None
        st.caption(_why_kept(field, sides, told))
    return None


def _why_kept(field: str, sides: Merge, told: Words) -> str:
    if field in sides.changed_by_me and field in sides.changed_by_them:
        return told.same
    return told.only_mine if field in sides.changed_by_me else told.only_theirs


def _buttons(
    operator: Operator,
    user_id: str,
    clash: Clash,
    told: Words,
    sides: Merge,
    choices: dict[str, Side],
    reason: str,
) -> None:
    is_open = any(field not in choices for field in sides.conflicts)
    with st.container(horizontal=True):
        is_save = st.button(
            told.save,
            type="primary",
            disabled=is_open,
            help="Choose for each field that was changed twice." if is_open else None,
            key="people_merge_save",
        )
        if st.button(told.drop, key="people_merge_drop"):
            editing.end()
            dialogs.done(told.dropped)
    if not is_save:
        return
    merged = sides.content(choices)
    result = dialogs.attempt(
        reason, lambda: edits.save_context(operator, user_id, clash.version, merged, reason)
    )
    if result and result.is_saved:
        editing.end()
        dialogs.done(f"Saved as version {result.version}, {told.saved}.")
    elif result:
        editing.meet(of_save(result, merged, reason))
        st.rerun()

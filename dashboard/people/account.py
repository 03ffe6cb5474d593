"""Actions on an account. Each has a dialog that asks for a reason."""

import json
from uuid import uuid4

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.parts import dialogs, formats, words
from dashboard.parts.words import GUEST_RULES, PREVIEWS
from dashboard.people import edits
from dashboard.people.edits import Deleted
from dashboard.people.person import Card, Grant, OwnWebhook


def draw(operator: Operator, card: Card, zone: str) -> None:
    is_there = card.state != "deleted"
    if is_there:
        _actions(operator, card)
    elif st.button("Export their data", icon=":material/download:", key="people_export"):
        export(operator, card)
    _grants(operator, card, zone)
    _webhooks(card, zone)


def _actions(operator: Operator, card: Card) -> None:
    is_active = card.state == "active"
    with st.container(horizontal=True):
        if st.button("Grant uses", icon=":material/add:", key="people_grant"):
            # A key for each time the dialog opens, so that pressing twice in it grants once.
            grant(operator, card, str(uuid4()))
        if st.button("Change plan", icon=":material/swap_horiz:", key="people_plan"):
            change_plan(operator, card)
        word, icon = ("Suspend", "pause") if is_active else ("Reactivate", "play_arrow")
        if st.button(word, icon=f":material/{icon}:", key="people_state"):
            change_state(operator, card)
        if st.button("Export their data", icon=":material/download:", key="people_export"):
            export(operator, card)
        if st.button("Delete the account", icon=":material/delete:", key="people_delete"):
            delete(operator, card)


def _grants(operator: Operator, card: Card, zone: str) -> None:
    st.subheader("Granted uses", anchor=False)
    if not card.grants:
        st.caption("None. Grants add to the plan's allowance in its current period.")
    for each in card.grants:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            with st.container(gap=None):
                gone = " (taken back)" if each.revoked_at else ""
                st.markdown(f"**{formats.count(each.uses)} uses**{gone}")
                at = words.moment(each.granted_at, zone)
                plan = words.plan(each.plan_code)
                facts = f"{at} · {plan} · by {each.granted_by} · {each.reason}"
                st.caption(words.plain(facts))
            if not each.revoked_at and st.button(
                "Take back", key=f"people_revoke_{each.id}", icon=":material/undo:"
            ):
                revoke(operator, each)


def _webhooks(card: Card, zone: str) -> None:
    st.subheader("Webhooks", anchor=False)
    if not card.webhooks:
        st.caption("They have not switched the buddy on anywhere.")
        return
    table = pd.DataFrame(
        {
            "Where": [
                f"{words.PLACES[each.context]} {each.label or each.context_id}"
                for each in card.webhooks
            ],
            "State": [_state(each) for each in card.webhooks],
            "Answers": [PREVIEWS.get(each.preview, "") for each in card.webhooks],
            "Guests": [GUEST_RULES.get(each.guest_rule, "") for each in card.webhooks],
            "Last event": [
                words.moment(each.last_event_at, zone) if each.last_event_at else formats.NONE
                for each in card.webhooks
            ],
        }
    )
    st.dataframe(table, hide_index=True, alt="Webhooks of this person")


def _state(webhook: OwnWebhook) -> str:
    """The state; for a removed webhook also the state of its removal at Figma."""
    removal = webhook.removal
    if removal is None:
        return webhook.state.capitalize()
    if removal.outcome == "left":
        return f"Left at Figma: {removal.problem}"
    if removal.outcome == "taken_over":
        return "In use again by a newer webhook of ours"
    if removal.outcome == "removed":
        return "Removed at Figma"
    tried = f" ({removal.tries} tries: {removal.problem})" if removal.tries else ""
    return f"Being removed at Figma{tried}"


@st.dialog("Grant uses", on_dismiss="rerun")
def grant(operator: Operator, card: Card, key: str) -> None:
    usage = card.usage
    until = "for good" if usage.resets_at is None else "until the period ends"
    st.write(f"They add to the plan {usage.plan_name}, {until}, and can be taken back.")
    uses = st.number_input("Uses", 1, 100_000, 10, key="people_grant_uses")
    reason = dialogs.reason_field("people_grant_reason")
    if st.button("Grant", type="primary", key="people_grant_confirm"):
        result = dialogs.attempt(
            reason, lambda: edits.grant_uses(operator, key, card.user_id, int(uses), reason)
        )
        if result:
            dialogs.done(f"Granted: {formats.count(result.usage.left)} uses are left now.")


@st.dialog("Take granted uses back", on_dismiss="rerun")
def revoke(operator: Operator, given: Grant) -> None:
    st.write(f"Takes {formats.count(given.uses)} uses back. Uses already taken stay taken.")
    reason = dialogs.reason_field("people_revoke_reason")
    if st.button("Take back", type="primary", key="people_revoke_confirm"):
        usage = dialogs.attempt(reason, lambda: edits.revoke_grant(operator, given.id, reason))
        if usage:
            dialogs.done(f"Taken back: {formats.count(usage.left)} uses are left now.")


@st.dialog("Change the plan", on_dismiss="rerun")
def change_plan(operator: Operator, card: Card) -> None:
    now = card.usage.plan_code
    st.write(
        f"Now {card.usage.plan_name}. The change takes effect at once and can be changed "
        "back. “Trial” ends their own subscription; a team's plan then counts again."
    )
    others = [code for code in card.plans if code != now]
    plan = st.selectbox(
        "Plan", others, format_func=lambda each: card.plans[each], key="people_plan_code"
    )
    reason = dialogs.reason_field("people_plan_reason")
    if st.button("Change", type="primary", key="people_plan_confirm"):
        usage = dialogs.attempt(
            reason, lambda: edits.change_plan(operator, card.user_id, now, str(plan), reason)
        )
        if usage:
            dialogs.done(f"The plan is now {usage.plan_name}.")


@st.dialog("Suspend or reactivate", on_dismiss="rerun")
def change_state(operator: Operator, card: Card) -> None:
    target = "suspended" if card.state == "active" else "active"
    st.write(
        "Questions are refused with a sentence and nothing is charged, until you reactivate them."
        if target == "suspended"
        else "Questions are answered again from now on."
    )
    reason = dialogs.reason_field("people_state_reason")
    if st.button("Confirm", type="primary", key="people_state_confirm"):
        result = dialogs.attempt(
            reason, lambda: edits.set_state(operator, card.user_id, target, reason)
        )
        if result:
            dialogs.done(f"The account is {target}.")


@st.dialog("Export their data", on_dismiss="rerun")
def export(operator: Operator, card: Card) -> None:
    st.write(
        "Everything kept about them as JSON, their e-mail address and comments included, without "
        "tokens and passcodes. Send it to them alone."
    )
    reason = dialogs.reason_field("people_export_reason")
    if st.button("Prepare", type="primary", key="people_export_confirm"):
        found = dialogs.attempt(reason, lambda: edits.export_person(operator, card.user_id, reason))
        if found:
            st.download_button(
                "Download",
                json.dumps(found, ensure_ascii=False, indent=2),
                file_name=f"person-{card.user_id}.json",
                mime="application/json",
                icon=":material/download:",
                # A rerun would take the button away.
                on_click="ignore",
            )


@st.dialog("Delete the account", on_dismiss="rerun")
def delete(operator: Operator, card: Card) -> None:
    at_figma = sum(1 for each in card.webhooks if each.state != "deleted" and each.figma_webhook_id)
    st.error(
        "This cannot be undone. Their context, e-mail address and texts are removed at once; the "
        "books keep anonymous rows. Their own subscription ends.",
        icon=":material/warning:",
    )
    if at_figma:
        st.warning(
            _about_webhooks(at_figma, needs_sign_in=card.needs_sign_in), icon=":material/webhook:"
        )
    typed = st.text_input("Type DELETE to go on", key="people_delete_typed")
    reason = dialogs.reason_field("people_delete_reason")
    if st.button("Delete", type="primary", key="people_delete_confirm", disabled=typed != "DELETE"):
        result = dialogs.attempt(
            reason, lambda: edits.delete_account(operator, card.user_id, reason)
        )
        if result:
            dialogs.done(_deleted(result))


def _about_webhooks(at_figma: int, *, needs_sign_in: bool) -> str:
    if needs_sign_in:
        return (
            f"{_webhooks_of(at_figma)} will stay at Figma, because Figma no longer accepts their "
            "connection: only they can remove them there. Whatever they send is ignored."
        )
    return (
        f"{_webhooks_of(at_figma)} will be removed at Figma too, within minutes where Figma "
        "answers. Their connection is kept, encrypted, for that alone, and for seven days at most."
    )


def _deleted(result: Deleted) -> str:
    if leaving := result.webhooks_leaving:
        return f"Deleted. {_webhooks_of(leaving)} will be removed at Figma."
    if left := result.webhooks_left:
        return f"Deleted. {_webhooks_of(left)} will stay at Figma."
    return "Deleted."


def _webhooks_of(count: int) -> str:
    return "One webhook" if count == 1 else f"{formats.count(count)} webhooks"

"""Invitations of operators on the page Settings: invite by mail, send again, remove."""

from uuid import uuid4

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.access.sign_up_setting import is_local
from dashboard.config import load_settings
from dashboard.parts.change_form import ask_reason, save
from dashboard.parts.words import MINUTE
from dashboard.settings import edits, queries
from dashboard.settings.queries import Invitation
from dashboard.settings.weekly_report import address_of

ROLES = {
    "founder": "Founder: everything",
    "support": "Support: people and their answers",
    "finance": "Finance: figures, cost and billing",
}
INTRODUCTION = (
    "Supabase sends the mail, through a worker of the service. Whoever opens its link sets a "
    "password and is an operator from then on, with this role alone. An invitation is open for "
    "seven days; the link in a mail for as long as Supabase says, an hour unless it is changed "
    "there. `make operator EMAIL=… ROLE=…` adds somebody without a mail."
)
SET_UP = (
    "Once, in Supabase, under Authentication:\n"
    "- **Emails, SMTP Settings**: your own mail server. Supabase's own sends to members of its "
    "project alone.\n"
    "- **Emails, Templates, Invite user**: the link is "
    "`{{ .RedirectTo }}&token_hash={{ .TokenHash }}&type=invite`.\n"
    "- **URL Configuration**: this dashboard's address among the redirect URLs, as "
    "`https://…/**`.\n"
    "- **Sign In / Providers, Email, Email OTP Expiration**: 86400 keeps links open for a day."
)
LOCAL = (
    "Supabase's stand-in on this machine delivers no mail. The link stands in the worker's log, "
    "`.local/logs/worker.log`, as `local_invitation_link`."
)
# Codes of service/inviting/invitation_mails.py and of take_invitation().
PROBLEMS = {
    "mail_not_set_up": "Supabase cannot send to this address. Set up a mail server in Supabase: "
    "Authentication, Emails, SMTP Settings. Then send it again.",
    "mail_switched_off": "Signing in by e-mail is switched off. Allow it in Supabase: "
    "Authentication, Sign In / Providers, Email. Then send it again.",
    "too_many_mails": "Supabase sends no more mails this hour. Wait, or raise the limit: "
    "Authentication, Rate Limits. Then send it again.",
    "address_refused": "Supabase does not take this address. Remove the invitation, and check how "
    "it is written.",
    "key_refused": "Supabase does not accept the service's key. Check SUPABASE_SERVICE_ROLE_KEY, "
    "start the worker anew, then send it again.",
    "auth_away": "Supabase could not be reached, so nothing was sent. Send it again.",
    "send_unknown": "Supabase gave no answer, so the mail may have gone out. Ask the person, then "
    "send it again.",
}
OTHER_PROBLEM = "Supabase refused. The worker's log says more (invitation_sent)."
STATES = {
    "sending": "is being sent",
    "sent": "sent",
    "failed": "not sent",
    "accepted": "accepted",
    "expired": "expired",
    "removed": "removed",
}


def draw(operator: Operator) -> None:
    st.header("Invitations", anchor=False)
    st.caption(INTRODUCTION)
    if is_local(load_settings().supabase_url):
        st.info(LOCAL, icon=":material/link:")
    with st.expander("What Supabase needs for it", icon=":material/settings:"):
        st.markdown(SET_UP)
    found = queries.read_invitations(operator)
    if found:
        st.dataframe(to_table(found), hide_index=True, alt="Invitations")
    _draw_new(operator)
    if still_open := [each for each in found if each.is_open]:
        _draw_open(operator, still_open)


def _draw_new(operator: Operator) -> None:
    # A new id after each invitation. Two calls with the same id invite once.
    invitation_id = st.session_state.setdefault("new_invitation_id", str(uuid4()))
    with st.form(f"invite_{invitation_id}"):
        email = st.text_input(
            "E-mail address to invite", max_chars=254, autocomplete="off", key="invite_email"
        )
        role = st.radio(
            "Role of whoever accepts",
            list(ROLES),
            1,
            format_func=lambda each: ROLES[each],
            key="invite_role",
        )
        reason = ask_reason("invite_reason")
        pressed = st.form_submit_button("Invite", icon=":material/mail:")
    if pressed:

        def invite() -> None:
            address = address_of(st.context.url or "")
            edits.invite_operator(operator, invitation_id, email, role or "", address, reason)
            for key in ("new_invitation_id", "invite_email"):
                st.session_state.pop(key, None)

        save(invite, "Invited. A worker has the mail sent within seconds.")


def _draw_open(operator: Operator, found: list[Invitation]) -> None:
    by_id = {each.id: each for each in found}
    picked = st.selectbox(
        "Open invitation",
        list(by_id),
        format_func=lambda each: f"{by_id[each].email} ({STATES[by_id[each].standing]})",
        key="invitation_id",
    )
    seen = by_id[picked]
    if seen.state == "failed":
        st.warning(PROBLEMS.get(seen.problem, OTHER_PROBLEM), icon=":material/mail_off:")
    with st.form(f"invitation_{seen.id}_{seen.version}"):
        reason = ask_reason("invitation_reason")
        with st.container(horizontal=True):
            sends = st.form_submit_button("Send again", icon=":material/replay:")
            removes = st.form_submit_button("Remove the invitation", icon=":material/delete:")
    if sends:
        save(lambda: edits.resend_invitation(operator, seen, reason), "It is sent again.")
    if removes:
        save(
            lambda: edits.remove_invitation(operator, seen, reason),
            "The invitation is removed. A link that was sent leads nowhere now.",
        )


def to_table(found: list[Invitation]) -> pd.DataFrame:
    """One row per invitation, in words."""
    return pd.DataFrame(
        {
            "E-mail": [each.email for each in found],
            "Role": [each.role for each in found],
            "State": [STATES.get(each.standing, each.standing) for each in found],
            "Sent (UTC)": [f"{each.sent_at:{MINUTE}}" if each.sent_at else "not yet"
                           for each in found],
            "Open until (UTC)": [f"{each.expires_at:{MINUTE}}" if each.is_open else ""
                                 for each in found],
            "Mails": [each.sends for each in found],
            "Invited by": [each.invited_by for each in found],
        }
    )  # fmt: skip

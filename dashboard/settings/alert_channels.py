"""Alert channels on the page Settings: add, change, test, remove; and the result of each alert."""

from uuid import uuid4

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data import alerts
from dashboard.data.alerts import Channel
from dashboard.parts import formats, notices, words
from dashboard.parts.change_form import ask_reason, save
from dashboard.settings import alert_edits as edits
from dashboard.settings import alert_history, queries, try_channel
from dashboard.settings.alert_edits import Place
from dashboard.settings.alert_kinds import (
    KINDS,
    SORTS,
    AddressProblem,
    read_address,
    read_mail_address,
)
from dashboard.settings.sealing import new_secret

INTRODUCTION = (
    "The service tells these places what should not wait: each occurrence once per channel, tried "
    "again for hours when the receiver fails. Addresses and signing secrets are sealed here for "
    "the service: neither this page nor the database can show them again."
)
NO_KEY = (
    "No worker has started since this was installed, so there is no key yet to seal an address "
    "with. Start one: `python -m service.worker`."
)
SECRET_HELP = (
    "Standard Webhooks: each alert carries `webhook-id`, `webhook-timestamp` and "
    "`webhook-signature`. Check them with a library of standardwebhooks.com and this secret."
)
NEW = "Add a channel"


def draw_alerts(operator: Operator) -> None:
    st.caption(INTRODUCTION)
    _show_secret()
    channels = alerts.read_channels(operator)
    if channels:
        st.dataframe(_channel_table(channels), hide_index=True, alt="Alert channels")
    else:
        notices.say_empty(
            "No channel yet", "Alerts are listed below, and nobody is told.", icon="notifications"
        )
    profile = queries.read_profile(operator)
    if profile is None:
        st.warning(NO_KEY, icon=":material/key_off:")
    else:
        names = {each.id: each.name for each in channels}
        picked = st.selectbox(
            "Channel", ["", *names], format_func=lambda each: names.get(each, NEW), key="channel"
        )
        seen = next((each for each in channels if each.id == picked), None)
        if seen is None:
            _draw_new(operator, profile.sealing_key)
        else:
            _draw_change(operator, seen, profile.sealing_key)
    alert_history.draw(operator)


def _draw_new(operator: Operator, sealing_key: str) -> None:
    sort = st.segmented_control(
        "Receiver", list(SORTS), default="webhook", format_func=lambda each: SORTS[each],
        key="channel_sort", required=True,
    )  # fmt: skip
    # A new id after each channel. Two calls with the same id make only one channel.
    channel_id = st.session_state.setdefault("new_channel_id", str(uuid4()))
    with st.form(f"channel_{channel_id}_{sort}"):
        name = st.text_input("Name", max_chars=60, key=f"channel_name_{channel_id}")
        address = _ask_address(str(sort), "Address", f"{channel_id}_{sort}")
        kinds = _ask_kinds(list(KINDS), channel_id)
        reason = ask_reason("channel_reason")
        pressed = st.form_submit_button("Save the channel", icon=":material/save:")
    if not pressed:
        return
    place = _read(address, str(sort))
    if place is None:
        return

    def add() -> None:
        fields = {"kind": sort, "name": name, "kinds": kinds}
        edits.add_channel(operator, sealing_key, channel_id, place, reason, **fields)
        st.session_state.pop("new_channel_id")
        _keep_secret(name, place)

    save(add, "The channel is saved. Pick it below to send a test.")


def _draw_change(operator: Operator, seen: Channel, sealing_key: str) -> None:
    try_channel.draw(operator, seen)
    # The keys contain id and version, so another channel or a later version resets the form.
    form = f"{seen.id}_{seen.version}"
    with st.form(f"channel_{form}"):
        name = st.text_input("Name", seen.name, max_chars=60)
        kinds = _ask_kinds(seen.kinds, form)
        is_on = st.checkbox("Switched on", seen.state == "on")
        help_ = f"Now at {seen.host}. Empty: stays as it is."
        address = _ask_address(seen.kind, "New address", form, help_)
        reason = ask_reason("channel_reason")
        with st.container(horizontal=True):
            saves = st.form_submit_button("Save", icon=":material/save:")
            removes = st.form_submit_button("Remove the channel", icon=":material/delete:")
    if removes:
        save(lambda: edits.remove_channel(operator, seen, reason), "The channel is removed.")
    if not saves:
        return
    place = None
    if address.strip():
        place = _read(address, seen.kind)
        if place is None:
            return

    def change() -> None:
        fields = {"name": name, "kinds": kinds, "is_on": is_on}
        edits.change_channel(operator, seen, reason, place=place, sealing_key=sealing_key, **fields)
        if place:
            _keep_secret(name, place)

    save(change, "The channel is saved.")


def _ask_address(kind: str, label: str, form: str, help_: str | None = None) -> str:
    """A Slack address is itself a secret, so the field is a password field."""
    places = {
        "webhook": "https://example.com/alerts",
        "slack": "https://hooks.slack.com/services/…",
        "mail": "ops@example.com",
    }
    return st.text_input(
        label, type="default" if kind == "mail" else "password", key=f"channel_address_{form}",
        placeholder=places[kind], help=help_, autocomplete="off", max_chars=2000,
    )  # fmt: skip


def _ask_kinds(chosen: list[str], form: str) -> list[str]:
    return st.pills(
        "Alerts",
        list(KINDS),
        selection_mode="multi",
        default=chosen,
        format_func=lambda each: KINDS[each],
        key=f"channel_kinds_{form}",
    )


def _read(address: str, kind: str) -> Place | None:
    try:
        if kind == "mail":
            return read_mail_address(address)
        return read_address(address, new_secret() if kind == "webhook" else None)
    except AddressProblem as problem:
        st.error(str(problem), icon=":material/block:")
        return None


def _keep_secret(name: str, place: Place) -> None:
    if place.secret:
        st.session_state["channel_secret"] = (name, place.secret)


def _show_secret() -> None:
    """Show the signing secret of a new channel until the person dismisses it, and never again."""
    if "channel_secret" not in st.session_state:
        return
    name, secret = st.session_state["channel_secret"]
    with st.container(border=True):
        st.markdown(":material/key: **The signing secret, shown this once**")
        st.text(f"Channel: {name}")
        st.caption(SECRET_HELP)
        st.code(secret, language=None, wrap_lines=True)
        st.button("I have copied it", on_click=lambda: st.session_state.pop("channel_secret", None))


def _channel_table(channels: list[Channel]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Name": [each.name for each in channels],
            "Receiver": [SORTS[each.kind] for each in channels],
            "Host": [each.host for each in channels],
            "Alerts": [
                "all" if len(each.kinds) == len(KINDS) else formats.count(len(each.kinds))
                for each in channels
            ],
            "State": [" ".join(filter(None, [each.state, each.state_reason])) for each in channels],
            "Last sent (UTC)": [
                words.minute(each.delivered_at) if each.delivered_at else "never"
                for each in channels
            ],
            "Given up, 7 days": [each.failed for each in channels],
        }
    )

"""Triggers, limits and the guest rule on the page Settings: the values and where they are set."""

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.parts import formats
from dashboard.parts.change_form import ask_reason, save
from dashboard.parts.model_prices import micro
from dashboard.parts.words import GUEST_RULES, day
from dashboard.settings import edits, queries
from dashboard.settings.queries import ProductSetting

UNKNOWN = "not known: no worker has started yet"


@dataclass(frozen=True)
class Setting:
    """One setting: its name for people, what it does, and the range the database accepts."""

    name: str
    meaning: str
    least: int = 0
    most: int = 0


SETTINGS = {
    "triggers": Setting(
        "Triggers",
        "Words that call the buddy, each beginning with @, / or !. What was asked with an older "
        "word is still answered. No reply ever holds one of them.",
    ),
    "guest_rule": Setting(
        "Guest rule",
        "What happens to people without an account, where an owner switches the buddy on without "
        "saying so. Webhooks that exist keep theirs: their owners change it on their account page. "
        "Where the owner pays, guests get none of the owner's guidance until some is shared.",
    ),
    "answers_per_minute": Setting(
        "Answers per person and minute",
        "Commands count as well. More questions are refused politely, free of charge; more "
        "commands get no reply.", 1, 1000,
    ),
    "loop_breaker_replies": Setting(
        "Replies in one thread before a pause",
        "Keeps two bots from answering each other for ever. The last reply says so.", 1, 50,
    ),
    "loop_breaker_window_seconds": Setting(
        "… counted over so many seconds",
        "Of the time that others take: what the buddy itself takes is left out. The pause lasts at "
        "most as long.", 10, 86_400,
    ),
    "author_replies_per_day": Setting(
        "Replies per person, file and day",
        "Of any kind, refusals included. The next one says so once, and what follows gets no reply "
        "until the day is over: nobody can keep the buddy talking.", 1, 10_000,
    ),
    "unbilled_microusd_per_day": Setting(
        "Unpaid model cost per person, webhook and file, a day ($)",
        "What models may cost for answers that take no use, because they could not be posted. "
        "Beyond it questions there are refused until the next day (UTC).", 1, 1_000_000_000,
    ),
    "service_microusd_per_day": Setting(
        "The most that all models may cost a day ($)",
        "Of a UTC day, in all processes together; 0: no limit. When it is reached no model is "
        "asked until midnight UTC: people get the measured review, which says so, and nobody is "
        "charged. While there is a limit, models without a known price are not asked.",
        0, 100_000_000_000,
    ),
    "job_attempts": Setting(
        "Attempts before a dead letter",
        "So often a comment is tried when Figma or the service fails; then it waits for an "
        "operator on the page Dead letters.", 1, 20,
    ),
    "model_cost_ceiling_microusd": Setting(
        "The most one answer may cost ($)",
        "Counted over all models asked for it; what would go beyond is asked for a shorter answer "
        "or skipped. Models without a known price cannot be held to it.", 100, 100_000_000,
    ),
}  # fmt: skip


def draw_behaviour(operator: Operator) -> None:
    st.caption(
        "In force within about five seconds, in every process. What is not set here is as in the "
        "environment of the service."
    )
    profile = queries.read_profile(operator)
    defaults: dict[str, Any] = profile.defaults if profile else {}
    rows = queries.read_product_settings(operator)
    st.dataframe(_table(defaults, rows), hide_index=True, alt="Settings in force")
    code = st.selectbox(
        "Change a setting", list(SETTINGS), format_func=lambda each: SETTINGS[each].name,
        key="setting_code",
    )  # fmt: skip
    row = rows.get(code) or ProductSetting(code, None, 0, "")
    st.caption(SETTINGS[code].meaning)
    # The key contains the version, so after somebody's change the form shows the new value.
    form = f"{code}_{row.version}"
    with st.form(f"setting_{form}"):
        is_set = row.value is not None
        value = _ask(code, row.value if is_set else defaults.get(code), f"value_{form}")
        reason = ask_reason("setting_reason")
        with st.container(horizontal=True):
            saves = st.form_submit_button("Save", icon=":material/save:")
            forgets = st.form_submit_button(
                "Back to the environment's value", icon=":material/undo:", disabled=not is_set
            )
    if saves or forgets:
        chosen = value if saves else None
        save(
            lambda: edits.set_product_setting(operator, code, chosen, row.version, reason),
            "Saved. It is in force within seconds.",
        )


def _ask(code: str, value: Any, key: str) -> Any:
    setting = SETTINGS[code]
    if code == "triggers":
        typed = st.text_area("Triggers", "\n".join(value or []), help="One a line.", key=key)
        return [each for each in re.split(r"[\s,]+", typed) if each]
    if code == "guest_rule":
        rules = list(GUEST_RULES)
        return st.radio(
            setting.name, rules, rules.index(value or "invite"),
            format_func=lambda each: GUEST_RULES[each], key=key,
        )  # fmt: skip
    # The environment may set a value outside this form's range.
    value = min(max(value or setting.least, setting.least), setting.most)
    if "_microusd" in code:
        dollars = st.number_input(
            setting.name, setting.least / 1e6, setting.most / 1e6, value / 1e6,
            step=0.01, format="%.4f", key=key,
        )  # fmt: skip
        return micro(dollars)
    return st.number_input(setting.name, setting.least, setting.most, value, key=key)


def _table(defaults: dict[str, Any], rows: dict[str, ProductSetting]) -> pd.DataFrame:
    chosen = {code: rows[code].value if code in rows else None for code in SETTINGS}
    return pd.DataFrame(
        {
            "Setting": [setting.name for setting in SETTINGS.values()],
            "In force": [
                _words(code, defaults.get(code) if chosen[code] is None else chosen[code])
                for code in SETTINGS
            ],
            "From": [
                "environment" if chosen[code] is None else f"here, {day(rows[code].updated_at)}"
                for code in SETTINGS
            ],
            "Environment": [_words(code, defaults.get(code)) for code in SETTINGS],
        }
    )


def _words(code: str, value: Any) -> str:
    if value is None:
        return UNKNOWN
    if code == "triggers":
        return ", ".join(value)
    if code == "guest_rule":
        return GUEST_RULES[value]
    if code == "service_microusd_per_day" and not value:
        return "no limit"
    return formats.money(value) if "_microusd" in code else formats.count(value)

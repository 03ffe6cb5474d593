"""The models in the chain: which are asked, taking one out at once, and the day's spend."""

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data.reporting import read_reporting
from dashboard.parts import definitions, formats, words
from dashboard.parts.change_form import ask_reason, save
from dashboard.settings import edits, queries
from dashboard.settings.queries import DaySpend, ProductSetting

CODE = "models_off"
IN, OUT = "● In the chain", "○ Taken out"
TILE_WIDTH = 190


def draw_models(operator: Operator) -> None:
    draw_day(queries.read_day_spend(operator), read_reporting(operator).time_zone)
    chain = queries.read_chain(operator)
    st.caption(
        "The models that workers are set up with, in the order they are asked. One that is taken "
        "out is not asked any more within seconds, in any process: the next one is, and without "
        "any, people get the measured review. Calls under way are finished."
    )
    if not chain:
        st.caption("No worker with a model has started yet.")
        return
    setting = queries.read_product_settings(operator).get(CODE)
    profile = queries.read_profile(operator)
    off = _off(setting, profile.defaults if profile else {})
    st.dataframe(to_table(chain, off), hide_index=True, alt="Models in the chain")
    draw_switch(operator, chain, off, setting)
    st.page_link(
        "audit/page.py",
        label="Who took out what, and why",
        icon=":material/fact_check:",
        query_params={"audit_row": CODE},
    )


def draw_day(day: DaySpend, zone: str) -> None:
    if day.reached_at:
        st.error(
            f"Since {words.moment(day.reached_at, zone)} no model was asked "
            f"{formats.counted(day.refused, 'time')}. It ends at midnight UTC, or when the limit "
            "is raised under “Triggers and limits”.",
            title="The day's spend is reached",
            icon=":material/block:",
        )
    limit = formats.money(day.limit_microusd) if day.limit_microusd else "no limit"
    shown = (
        ("Spent today (UTC)", formats.money(day.booked_microusd), "settings.day_spent"),
        ("Reserved", formats.money(day.reserved_microusd), "settings.day_reserved"),
        ("Limit of a day", limit, "settings.day_limit"),
    )
    with st.grid(3, min_column_width=TILE_WIDTH):
        for label, value, name in shown:
            with st.container(border=True, height="stretch"):
                st.metric(label, value, help=definitions.explain(name))


def _off(setting: ProductSetting | None, defaults: dict[str, list[str]]) -> list[str]:
    """The names that are taken out: here, else by the environment."""
    if setting is None or setting.value is None:
        return list(defaults.get(CODE) or [])
    return list(setting.value)


def to_table(chain: list[str], off: list[str]) -> pd.DataFrame:
    """Place, Model, State and by which name it is out."""
    by = [next((name for name in (each, _provider(each)) if name in off), "") for each in chain]
    return pd.DataFrame(
        {
            "Place": range(1, len(chain) + 1),
            "Model": chain,
            "State": [OUT if name else IN for name in by],
            "Taken out as": [name or formats.NONE for name in by],
        }
    )


def draw_switch(
    operator: Operator, chain: list[str], off: list[str], setting: ProductSetting | None
) -> None:
    providers = dict.fromkeys(_provider(each) for each in chain)
    gone = [each for each in off if each not in chain and each not in providers]
    names = [*chain, *providers, *gone]
    picked = st.selectbox(
        "Model or provider",
        names,
        format_func=lambda each: each if "/" in each else f"{each}: everything of it",
        key="model_picked",
    )
    is_off = picked in off
    version = setting.version if setting else 0
    with st.form(f"model_switch_{picked}_{version}"):
        reason = ask_reason("model_reason")
        label = "Put it back" if is_off else "Take it out of the chain"
        icon = ":material/undo:" if is_off else ":material/block:"
        if st.form_submit_button(label, icon=icon, type="primary"):
            chosen = [each for each in off if each != picked] if is_off else [*off, picked]
            done = "is back in the chain" if is_off else "is taken out of the chain"
            save(
                lambda: edits.set_product_setting(operator, CODE, chosen, version, reason),
                f"{picked} {done}, in every worker within seconds.",
            )


def _provider(model: str) -> str:
    return model.partition("/")[0]

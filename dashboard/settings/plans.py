"""Plans, model prices and budgets on the page Settings."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data import price_rows, reporting
from dashboard.data.price_rows import Budget
from dashboard.parts import cost_words, formats, price_fields, words
from dashboard.parts.change_form import ask_reason, save
from dashboard.parts.model_prices import micro, others_in_words
from dashboard.settings import edits, queries
from dashboard.settings.queries import PlanRow
from service.outside_names import provider_name

PER = {"user": "person and month", "seat": "seat and month"}
SCOPES = {
    "Everything": "global",
    "Plan": "plan",
    "Team": "team",
    "Model": "model",
    "Person": "user",
}


def draw_plans(operator: Operator) -> None:
    rows = queries.read_plans(operator)
    st.dataframe(_plan_table(rows), hide_index=True, alt="Plans and their changes")
    newest: dict[str, PlanRow] = {}
    for row in rows:
        newest.setdefault(row.code, row)
    code = st.selectbox(
        "Change a plan",
        list(newest),
        format_func=lambda each: newest[each].name,
        key="plan_code",
    )
    seen = newest[code]
    # The key contains the row shown, so after somebody's change the form shows the new row.
    with st.form(f"plan_{code}_{seen.valid_from}"):
        name = st.text_input("Name", seen.name, max_chars=60)
        price = st.number_input(
            f"Price in dollars per {PER[seen.per]}",
            0.0, value=seen.price_microusd / 1_000_000, step=1.0,
        )  # fmt: skip
        uses = st.number_input(
            "Uses included" + ("" if seen.period == "lifetime" else " per month"),
            0, value=seen.uses,
            help="Sold as unlimited: the fair-use ceiling.",
        )  # fmt: skip
        overage = st.number_input(
            "Dollars for one use beyond them",
            0.0, value=seen.overage_microusd / 1_000_000, step=0.01, format="%.4f",
            help="Booked as overage on the month's statement. 0: such a use is not charged.",
        )  # fmt: skip
        is_unlimited = st.checkbox("Sold as unlimited", seen.is_unlimited)
        start = _ask_start(operator, "plan_start")
        reason = ask_reason("plan_reason")
        if st.form_submit_button("Save as a new row", icon=":material/save:"):
            changes = {"name": name, "price_microusd": micro(price), "uses": uses}
            changes |= {"is_unlimited": is_unlimited, "overage_microusd": micro(overage)}
            save(
                lambda: edits.set_plan(operator, seen, start, reason, **changes),
                "The plan has a new row. Uses are counted by it from its first moment on.",
            )


def draw_prices(operator: Operator) -> None:
    st.caption(
        "These rows come before the built-in price list, in dollars per million tokens. Workers "
        "use a new one within a minute. A price of the past is changed on the page AI cost."
    )
    rows = price_rows.read_prices(operator)
    if rows.empty:
        st.caption("No price is set by hand: the built-in list is used.")
    else:
        st.dataframe(_price_table(rows), hide_index=True, alt="Prices set by hand")
    with st.form("price_form"):
        provider, model, tier = price_fields.ask_model("price")
        prices = price_fields.ask_prices("price", tier)
        start = _ask_start(operator, "price_start")
        reason = ask_reason("price_reason")
        if st.form_submit_button("Save as a new row", icon=":material/save:"):
            same = rows[(rows["provider"] == provider) & (rows["model"] == model)]
            seen = None if same.empty else int(same["id"].max())
            save(
                lambda: edits.set_price(operator, provider, model, prices, start, seen, reason),
                "The price is set.",
            )


def draw_budgets(operator: Operator) -> None:
    st.caption(
        "A budget warns at 50, 80 and 100 % of a month's AI cost, once each, on the page AI cost "
        "and in the channels of the section Alerts. It refuses nobody."
    )
    budgets = price_rows.read_budgets(operator)
    if budgets:
        table = _budget_table(budgets, reporting.read_plans(operator))
        st.dataframe(table, hide_index=True, alt="Budgets in force")
    picked = st.segmented_control("For", list(SCOPES), default="Everything", key="budget_scope",
                                  required=True)  # fmt: skip
    scope = SCOPES[picked or "Everything"]
    keys = _keys_of(operator, scope)
    if not keys:
        st.caption(f"There is no {str(picked).lower()} yet.")
        return
    key = "" if scope == "global" else _pick_key(str(picked), scope, keys)
    known = [each for each in budgets if (each.scope, each.scope_key) == (scope, key)]
    version = known[0].version if known else 0
    with st.form(f"budget_{scope}_{key}_{version}"):
        dollars = st.number_input(
            "Dollars a month", 0.0,
            value=known[0].monthly_microusd / 1_000_000 if known else 100.0, step=10.0,
            help="0 ends the budget.",
        )  # fmt: skip
        reason = ask_reason("budget_reason")
        if st.form_submit_button("Save", icon=":material/save:"):
            save(
                lambda: edits.set_budget(operator, scope, key, micro(dollars), version, reason),
                "The budget is saved.",
            )


def _pick_key(label: str, scope: str, keys: dict[str, str]) -> str:
    key = f"budget_{scope}"
    return st.selectbox(label, list(keys), format_func=lambda each: keys[each], key=key)


def _keys_of(operator: Operator, scope: str) -> dict[str, str]:
    """What a budget can be for: key to name. People: those with a cost, highest cost first."""
    if scope == "plan":
        return reporting.read_plans(operator)
    if scope == "team":
        return reporting.read_teams(operator)
    if scope == "model":
        return {each: each for each in queries.read_chain(operator)}
    return queries.read_spenders(operator) if scope == "user" else {"": "Everything"}


def _ask_start(operator: Operator, key: str) -> datetime:
    """When a change starts: now, or at the start of a later day in the reporting zone."""
    zone = ZoneInfo(reporting.read_reporting(operator).time_zone)
    today = datetime.now(zone).date()
    day: date = st.date_input(
        "From",
        today,
        min_value=today,
        key=key,
        help=f"Today: from now on. Else from 00:00, {zone}.",
    )
    return datetime.now(UTC) if day <= today else datetime.combine(day, time(), zone)


def _plan_table(rows: list[PlanRow]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Plan": [each.name for each in rows],
            "From (UTC)": [
                "the start" if each.valid_from.startswith("-inf") else words.minute(each.valid_from)
                for each in rows
            ],
            "Price": [f"{formats.money(each.price_microusd)} per {PER[each.per]}" for each in rows],
            "Uses": [
                f"{formats.count(each.uses)}{' (fair use)' if each.is_unlimited else ''}"
                + (" in all" if each.period == "lifetime" else " a month")
                for each in rows
            ],
            "Overage": [
                f"{formats.money(each.overage_microusd)} a use" if each.overage_microusd else "free"
                for each in rows
            ],
        }
    )


def _price_table(rows: pd.DataFrame) -> pd.DataFrame:
    def dollars(column: str, without: str = "as input") -> list[str]:
        return [without if pd.isna(each) else formats.money(int(each)) for each in rows[column]]

    return pd.DataFrame(
        {
            "Provider": rows["provider"].map(provider_name),
            "Model": rows["model"],
            "Tier": rows["service_tier"],
            "From (UTC)": rows["valid_from"].dt.strftime(words.MINUTE),
            "Until (UTC)": rows["valid_to"].dt.strftime(words.MINUTE).fillna("open"),
            "Input": dollars("input_microusd_per_million"),
            "Cached input": dollars("cached_input_microusd_per_million"),
            "Cache writes": dollars("cache_write_microusd_per_million", "no price"),
            "Output": dollars("output_microusd_per_million"),
            "Other kinds": [others_in_words(each) for each in rows["class_microusd_per_million"]],
            "Source": [_source(each) for each in rows["source"]],
        }
    )


def _source(source: str) -> str:
    """Where a price comes from; without the key of a re-pricing, which means nothing to people."""
    return "re-pricing" if source.startswith("re-pricing ") else source


def _budget_table(budgets: list[Budget], plans: dict[str, str]) -> pd.DataFrame:
    """`plans` maps codes of plans to names."""
    names = {scope: name for name, scope in SCOPES.items()}
    return pd.DataFrame(
        {
            "For": [names[each.scope] for each in budgets],
            "Name": [
                plans.get(each.name, each.name) if each.scope == "plan" else each.name
                for each in budgets
            ],
            "A month": [formats.money(each.monthly_microusd) for each in budgets],
            "This month": [cost_words.money(each.spent_microusd) for each in budgets],
        }
    )

"""The runs of a period: narrowed, page by page, and as one file that adds up."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data.reads import asker
from dashboard.data.view import View
from dashboard.exports.writing import Ask, Export, Usd, pages, write
from dashboard.parts import definitions, file_offer, formats, paging, tiles
from dashboard.parts.pipeline_words import OPEN, OUTCOMES, SOURCES, cause_of, stage_of, state_of
from dashboard.pipelines import queries
from dashboard.pipelines.queries import PAGE, Filter

ROWS_SHOWN = 15
# The most rows that one call returns.
CSV_PAGE = 1000
PLACES = "pipeline_pages"
STATES = {word: code for code, (_, word) in {**OPEN, **OUTCOMES}.items()}
COLUMNS = (
    "Run", "Started", "Ended", "State", "Cause", "Stage", "Source", "Component", "Person", "Team",
    "Plan", "Repairs", "Model calls", "Time (ms)", "Model result used", "Runs", "Gated", "Failed",
)  # fmt: skip
COST = ("Unpriced calls", "Cost (USD)")


def draw(operator: Operator, view: View, causes: list[str]) -> str | None:
    """Filters, the table of a page, and the file; the id of the run that is picked."""
    st.header("Runs", anchor=False, help=definitions.explain("pipelines.list"))
    narrowed = pick(causes)
    places = page_starts(view, narrowed)
    rows = queries.read_runs(operator, view, narrowed, places[-1])
    if rows.empty:
        st.caption("No run of this period is like that." if any(narrowed) else "No run yet.")
        return None
    shown = rows.head(PAGE)
    event = st.dataframe(
        to_table(shown, datetime.now(UTC)),
        hide_index=True,
        row_height=tiles.ROW_HEIGHT,
        height=tiles.table_height(len(shown), ROWS_SHOWN),
        selection_mode="single-row",
        on_select="rerun",
        key=tiles.table_key(shown),
        column_config={
            "State": st.column_config.TextColumn(width=150),
            "Cost": st.column_config.TextColumn(width=80, alignment="right"),
            "Time": st.column_config.TextColumn(width=70, alignment="right"),
            "Why": st.column_config.TextColumn(width=300),
        },
        alt="Runs of the period, newest first",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        turn(places, rows)
        # A key per view and filter, so that a file always belongs to what is shown.
        file_offer.draw(
            f"pipeline_file_{hash((view, narrowed))}",
            tiles.file_name("pipelines", view),
            writer(operator, view, narrowed),
            label="Prepare CSV of these runs",
        )
    picked = [place for place in event.selection.rows if place < len(shown)]
    return str(shown["id"].iloc[picked[0]]) if picked else None


def pick(causes: list[str]) -> Filter:
    """Draw the filters, kept in the URL. `causes`: the codes that occur in the period."""
    states = st.pills(
        "State", list(STATES), selection_mode="multi", key="pipeline_state", bind="query-params"
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        person = st.text_input(
            "Person",
            key="pipeline_person",
            bind="query-params",
            placeholder="Handle or id",
            max_chars=100,
            width=260,
        )
        words = {cause_of(code): code for code in causes}
        picked = st.multiselect(
            "Cause", list(words), key="pipeline_cause", placeholder="Any cause", width=420
        )
    return Filter(
        tuple(STATES[word] for word in states if word in STATES),
        tuple(words[word] for word in picked if word in words),
        (person or "").strip(),
    )


def page_starts(view: View, narrowed: Filter) -> list[tuple[datetime, str] | None]:
    """The run before which each opened page begins. A new filter starts again at page 1."""
    if st.session_state.get("pipeline_choice") != (view, narrowed):
        st.session_state["pipeline_choice"] = (view, narrowed)
        st.session_state[PLACES] = [None]
    found: list[tuple[datetime, str] | None] = st.session_state[PLACES]
    return found


def turn(places: list[tuple[datetime, str] | None], rows: pd.DataFrame) -> None:
    """Buttons to the pages before and after, where there are any."""
    is_more = len(rows) > PAGE
    if not is_more and len(places) == 1:
        st.caption(formats.counted(len(rows), "run"))
        return
    st.caption(f"Page {len(places)}")
    st.button(
        "Newer",
        key="pipeline_newer",
        icon=":material/arrow_upward:",
        on_click=paging.turn_back,
        args=(places,),
        disabled=len(places) == 1,
    )
    last = rows.iloc[min(len(rows), PAGE) - 1]
    st.button(
        "Older",
        key="pipeline_older",
        icon=":material/arrow_downward:",
        on_click=places.append,
        args=((last["started_at"].to_pydatetime(), str(last["id"])),),
        disabled=not is_more,
    )


def to_table(rows: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Text ready to be shown. The column Cost only where costs are told."""
    table = pd.DataFrame(
        {
            "State": [state_of(each) for each in rows["state"]],
            "Started": [formats.ago(at.to_pydatetime(), now) for at in rows["started_at"]],
            "Component": rows["component"].replace("", formats.NONE),
            "Asked by": rows["handle"].replace("", formats.NONE),
            "Team": rows["team"].replace("", formats.NONE),
            "From": [SOURCES.get(each, each) for each in rows["source"]],
            "Repairs": rows["rounds"],
            "Result by": [
                formats.NONE if state not in ("gated", "not_passed", "untested")
                else "model" if is_model else "rules"
                for state, is_model in zip(rows["state"], rows["with_model"], strict=True)
            ],
            "Time": [
                formats.NONE if pd.isna(ended) else formats.duration(ms)
                for ended, ms in zip(rows["ended_at"], rows["run_ms"], strict=True)
            ],
            "Why": [
                cause_of(cause) + (f" ({stage_of(stage)})" if stage else "")
                for cause, stage in zip(rows["cause"], rows["stage"], strict=True)
            ],
        }
    )  # fmt: skip
    if rows["cost_microusd"].notna().any():
        costs = [
            # What an open run has spent is known when it has ended.
            formats.NONE if pd.isna(ended) else cost_of(cost, unpriced)
            for ended, cost, unpriced in zip(
                rows["ended_at"], rows["cost_microusd"], rows["unpriced"], strict=True
            )
        ]
        table.insert(table.columns.get_loc("Time"), "Cost", costs)
    return table


def cost_of(microusd: float | None, unpriced: float | None) -> str:
    """Of the model calls of a run."""
    if microusd is None or pd.isna(microusd):
        return formats.NONE
    if unpriced and not pd.isna(unpriced):
        return f"{formats.money(int(microusd))} + {int(unpriced)} unpriced"
    return "free" if microusd == 0 else formats.money(int(microusd))


def writer(
    operator: Operator, view: View, narrowed: Filter
) -> Callable[[BinaryIO, Callable[[int], None]], int]:
    def write_file(target: BinaryIO, tell: Callable[[int], None]) -> int:
        export = export_of(with_cost=operator.may_see_costs_of_answers)
        return write(export, asker(operator), (view, narrowed), target, tell).rows

    return write_file


def export_of(*, with_cost: bool) -> Export:
    """One line a run, and the sums: runs, gated and failed ones, calls and their cost."""
    sums = ("Model calls", "Model result used", "Runs", "Gated", "Failed")
    return Export(
        "pipelines",
        COLUMNS + (COST if with_cost else ()),
        lambda ask, about: _lines(ask, *about, with_cost=with_cost),
        sums + (COST if with_cost else ()),
    )


def _lines(ask: Ask, view: View, narrowed: Filter, *, with_cost: bool) -> Iterator[tuple[Any, ...]]:
    parameters = view.parameters() | narrowed.parameters() | {"p_limit": CSV_PAGE}

    def read(after: tuple[str | None, str | None]) -> list[Any]:
        at, run = after
        found: list[Any] = ask("pipeline_rows", {**parameters, "p_before": at, "p_before_id": run})
        return found

    for row in pages(read, lambda row: (row["started_at"], row["id"]), (None, None), CSV_PAGE):
        yield _line(row) + ((row["unpriced"], Usd(row["cost_microusd"])) if with_cost else ())


def _line(row: dict[str, Any]) -> tuple[Any, ...]:
    return (
        row["id"], row["started_at"], row["ended_at"], row["state"], row["cause"], row["stage"],
        row["source"], row["component"], row["handle"], row["team"], row["plan_code"],
        row["rounds"], row["calls"], row["run_ms"] if row["ended_at"] else None,
        int(row["with_model"]), 1, int(row["state"] == "gated"), int(row["state"] == "failed"),
    )  # fmt: skip

"""MRR over time, its movements per step, and what is kept of it by cohort."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard.parts import formats
from dashboard.parts.chart_style import Palette, cohort_columns, finish, mark_unfinished

NAMES = {
    "new": "New",
    "expansion": "Expansion",
    "reactivation": "Reactivation",
    "contraction": "Contraction",
    "churn": "Churn",
}


def mrr(
    course: pd.DataFrame, x: str, palette: Palette, *, is_unfinished: bool = False
) -> go.Figure:
    """A line of the MRR at the end of each step, in dollars; columns at, mrr_microusd."""
    figure = go.Figure()
    dollars = course["mrr_microusd"] / 1_000_000
    figure.add_scatter(
        x=course["at"],
        y=dollars,
        name="MRR",
        # A single step would be a line without length.
        mode="lines+markers" if len(course) < 32 else "lines",
        line={"color": palette.answered, "width": 2.5, "shape": "linear"},
        hovertemplate="$%{y:,.2f}<extra></extra>",
        showlegend=False,
    )
    if is_unfinished and len(course):
        mark_unfinished(figure, course["at"], palette)
    figure.update_yaxes(
        tickformat="$,~f", autorangeoptions_include=float(dollars.max() or 0) * 1.12
    )
    figure.update_xaxes(hoverformat="%-d %b %Y", nticks=7)
    is_empty = not course["mrr_microusd"].any()
    return finish(figure, palette, x=x, y="MRR at the end (US dollars)", is_empty=is_empty)


def movements(
    steps: pd.DataFrame, x: str, palette: Palette, *, is_unfinished: bool = False
) -> go.Figure:
    """Stacked bars in dollars; the last bar is hatched while its step is not over."""
    figure = go.Figure()
    colours = (palette.answered, palette.cost, palette.series[4], palette.series[3], palette.failed)
    shapes = [""] * len(steps)
    if is_unfinished and shapes:
        shapes[-1] = "/"
    for (kind, name), colour in zip(NAMES.items(), colours, strict=True):
        figure.add_bar(
            x=steps["at"],
            y=steps[kind] / 1_000_000,
            name=name,
            marker={"color": colour, "pattern": {"shape": shapes, "solidity": 0.4}},
        )
    figure.update_layout(barmode="relative")
    figure.update_xaxes(hoverformat="%-d %b %Y", nticks=7)
    figure.update_yaxes(tickformat="$,~f", hoverformat="$,.2f", rangemode="normal")
    is_empty = not steps[list(NAMES)].to_numpy().any()
    return finish(figure, palette, x=x, y="MRR gained and lost (US dollars)", is_empty=is_empty)


def cohorts(cells: pd.DataFrame, what: str, palette: Palette) -> go.Figure:
    """Heat map of what is kept; `what` is "mrr" (of the first MRR) or "payers" (still paying).

    Months that are not over are greyed. Cells of few payers show amounts or counts.
    """
    is_money = what == "mrr"
    kept, whole = ("mrr_microusd", "first_microusd") if is_money else ("paying", "payers")
    told = cells.assign(
        share=cells[kept] / cells[whole],
        text=[_cell(cell, is_money) for cell in cells.itertuples()],
        row=[f"{pd.Timestamp(at):%b %Y}<br>{formats.counted(size, 'payer')}" for at, size in
             zip(cells["cohort"], cells["payers"], strict=True)],
        hover=[_hover(cell) for cell in cells.itertuples()],
    )  # fmt: skip
    rows = list(dict.fromkeys(told["row"]))
    is_over = told["is_over"].astype(bool)
    is_pale = told["share"] <= palette.turn
    faint = [(0, palette.faint), (1, palette.faint)]
    figure = go.Figure()
    for part, colours, ink in (
        (told[is_over & is_pale], list(palette.scale), palette.cell_text[0]),
        (told[is_over & ~is_pale], list(palette.scale), palette.cell_text[1]),
        (told[~is_over], faint, palette.text),
    ):
        grid = part.pivot(index="row", columns="number").reindex(rows)
        if part.empty:
            continue
        figure.add_heatmap(
            x=list(grid["share"].columns),
            y=rows,
            z=grid["share"].astype(object).where(grid["share"].notna(), None).to_numpy(),
            text=grid["text"].fillna("").to_numpy(),
            customdata=grid["hover"].fillna("").to_numpy(),
            texttemplate="%{text}",
            textfont={"size": 10, "color": ink},
            hovertemplate="%{customdata}<extra></extra>",
            hoverongaps=False,
            colorscale=colours,
            zmin=0,
            zmax=1,
            showscale=False,
            xgap=2,
            ygap=2,
        )
    figure.update_layout(hovermode="closest")
    cohort_columns(figure, int(cells["number"].max()) if len(cells) else 0)
    figure.update_yaxes(
        type="category", categoryorder="array", categoryarray=rows[::-1], showgrid=False,
        tickfont_size=10,
    )  # fmt: skip
    return finish(
        figure, palette, x="Months since the first payment (cells in %)", y="",
        height=110 + 30 * max(len(rows), 4), is_empty=cells.empty,
    )  # fmt: skip


def _cell(cell: Any, is_money: bool) -> str:
    """Per cent, or with few payers what it is a share of: cells are narrow."""
    if cell.payers < formats.SMALL_SAMPLE and not is_money:
        return f"{cell.paying}<br>/{cell.payers}"
    part, whole = (
        (cell.mrr_microusd, cell.first_microusd) if is_money else (cell.paying, cell.payers)
    )
    return f"{part / whole * 100:.0f}"


def _hover(cell: Any) -> str:
    lines = [
        f"First payment in {pd.Timestamp(cell.cohort):%B %Y}, month {cell.number} after it",
        f"{formats.money(int(cell.mrr_microusd))} of {formats.money(int(cell.first_microusd))} MRR",
        f"{cell.paying:,} of {cell.payers:,} payers still pay",
    ]
    return "<br>".join([*lines, *([] if cell.is_over else ["This month is not over"])])

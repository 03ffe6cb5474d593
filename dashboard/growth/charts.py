"""Charts of the growth page: DataFrame in, plotly figure out."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard.parts import formats
from dashboard.parts.chart_style import Palette, cohort_columns, finish, mark_unfinished

LIFECYCLE = ("new", "kept", "resurrected", "lost")
FEATURES = {
    "comment": "Question in a comment",
    "analysis": "Analysis of<br>a selection",
    "pipeline_run": "Component from<br>a design",
    "command": "Command<br>(help, usage, stop)",
    "invite": "Invitation of a guest",
    "context_saved": "Own context saved",
    "webhook_made": "File, project or<br>team switched on",
}
DATES = {"day": "%-d %b", "week": "%-d %b", "month": "%b %Y"}


def active(days: pd.DataFrame, x: str, palette: Palette, *, is_unfinished: bool) -> go.Figure:
    """Lines of DAU, WAU and MAU; columns day, dau, wau, mau. `is_unfinished`: the last day."""
    figure = go.Figure()
    for (column, name, dash), colour in zip(
        (("mau", "MAU", "solid"), ("wau", "WAU", "dash"), ("dau", "DAU", "dot")),
        palette.series,
        strict=False,
    ):
        figure.add_scatter(
            x=days["day"],
            y=days[column],
            name=name,
            mode="lines",
            line={"color": colour, "dash": dash, "width": 2.5},
        )
    if is_unfinished:
        mark_unfinished(figure, days["day"], palette)
    # Leave room above the highest line for the label of the unfinished day.
    figure.update_yaxes(autorangeoptions_include=float(days["mau"].max()) * 1.12)
    figure.update_xaxes(tickformat="%-d %b", hoverformat="%a %-d %b %Y", nticks=7)
    figure.update_yaxes(tickformat=",d")
    return finish(figure, palette, x=x, y="People", is_empty=not days["mau"].sum())


def lifecycle(periods: pd.DataFrame, step: str, x: str, palette: Palette) -> go.Figure:
    """Stacked bars: new, kept and resurrected upwards, lost downwards; open periods hatched."""
    figure = go.Figure()
    # Who does not come back has not failed: no colour of failure.
    colours = (palette.cost, palette.answered, palette.series[3], palette.refused)
    shapes = ["" if is_over else "/" for is_over in periods["is_over"]]
    for state, colour in zip(LIFECYCLE, colours, strict=True):
        sign = -1 if state == "lost" else 1
        figure.add_bar(
            x=periods["period"],
            y=sign * periods[state],
            customdata=periods[state],
            name=state.capitalize(),
            marker={"color": colour, "pattern": {"shape": shapes, "solidity": 0.4}},
            hovertemplate="%{customdata:,d}",
        )
    figure.update_layout(barmode="relative")
    figure.update_xaxes(tickformat=DATES[step], hoverformat="%-d %b %Y", nticks=7)
    figure.update_yaxes(tickformat=",d", rangemode="normal")
    nothing = not periods[list(LIFECYCLE)].to_numpy().sum()
    return finish(figure, palette, x=x, y="People", is_empty=nothing)


def cohorts(cells: pd.DataFrame, step: str, kind: str, palette: Palette) -> go.Figure:
    """Heat map of retained ÷ size; `kind` is bounded or unbounded. Open periods are greyed.

    Cells with fewer than formats.SMALL_SAMPLE people show counts, and the interval on hover.
    """
    told = cells.assign(
        share=cells[kind] / cells["size"],
        text=[_cell(*pair) for pair in zip(cells[kind], cells["size"], strict=True)],
        row=[
            f"{pd.Timestamp(cohort):{'%b %Y' if step == 'month' else '%-d %b'}}"
            # On a line of its own a number alone reads as the year.
            f"<br>{size:,} {'person' if size == 1 else 'people'}"
            for cohort, size in zip(cells["cohort"], cells["size"], strict=True)
        ],
        hover=[_hover(cell, step, kind) for cell in cells.itertuples()],
    )
    rows = list(dict.fromkeys(told["row"]))
    figure = go.Figure()
    is_over = told["is_over"].astype(bool)
    is_pale = told["share"] <= palette.turn
    scale, faint = list(palette.scale), [(0, palette.faint), (1, palette.faint)]
    for part, colours, ink in (
        (told[is_over & is_pale], scale, palette.cell_text[0]),
        (told[is_over & ~is_pale], scale, palette.cell_text[1]),
        (told[~is_over], faint, palette.text),
    ):
        figure.add_heatmap(
            x=sorted(told["number"].unique()),
            y=rows,
            z=_grid(told, part, "share"),
            text=_grid(told, part, "text"),
            customdata=_grid(told, part, "hover"),
            texttemplate="%{text}",
            # On a phone a cell is a twelfth of the width: three digits of this size fit.
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
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False, tickfont_size=10)
    height = 110 + 30 * max(len(rows), 4)
    is_small = bool((cells["size"] < formats.SMALL_SAMPLE).all())
    # With few people the cells themselves say of how many they are.
    title = (
        f"{step.capitalize()}s since the first answer ({'people' if is_small else 'cells in %'})"
    )
    return finish(figure, palette, x=title, y="", height=height, is_empty=cells.empty)


def _cell(people: int, size: int) -> str:
    """Per cent, or counts for a small cohort. Cells are narrow, so only the axis has the unit."""
    if size < formats.SMALL_SAMPLE:
        return f"{people}<br>/{size}"
    return f"{people / size * 100:.0f}"


def _grid(told: pd.DataFrame, part: pd.DataFrame, column: str) -> list[list[Any]]:
    """A column of `part` as a grid of cohorts by periods; empty where there is no cell."""
    # Plotly writes a missing text as "null".
    nothing = None if column == "share" else ""
    values = {(row, number): value for row, number, value in part[["row", "number", column]].values}
    rows, numbers = dict.fromkeys(told["row"]), sorted(told["number"].unique())
    return [[values.get((row, number), nothing) for number in numbers] for row in rows]


def _hover(cell: Any, step: str, kind: str) -> str:
    people, size = getattr(cell, kind), cell.size
    lines = [
        f"First answer in the {step} of {cell.cohort}",
        f"{people:,} of {size:,} people ({formats.spread(people, size)})",
    ]
    if not cell.is_over:
        lines.append(f"This {step} is not over: it can still rise")
    elif kind == "unbounded":
        lines.append("Whoever comes back later raises it")
    return "<br>".join(lines)


def features(rows: pd.DataFrame, people: int, palette: Palette) -> go.Figure:
    """Bars of people who have used each feature; columns feature, ever, first_time, uses."""
    figure = go.Figure()
    likely = [f" ({formats.spread(ever, people)})" if people else "" for ever in rows["ever"]]
    figure.add_bar(
        x=rows["ever"],
        y=[FEATURES.get(name, name.replace("_", " ").capitalize()) for name in rows["feature"]],
        text=[formats.rate(ever, people) for ever in rows["ever"]],
        customdata=rows[["first_time", "uses"]].assign(of=likely),
        hovertemplate="%{x:,d} people%{customdata[2]}, %{customdata[0]:,d} for the first time in "
        "the period<br>%{customdata[1]:,d} uses in the period<extra></extra>",
        orientation="h",
        marker_color=palette.answered,
        insidetextfont_color=palette.background,
        showlegend=False,
    )
    figure.update_layout(hovermode="closest", yaxis={"autorange": "reversed"})
    figure.update_xaxes(tickformat=",d")
    return finish(figure, palette, x="People", y="", is_empty=rows.empty)

"""The overview's charts: outcomes of comments, cost, and revenue against cost."""

import pandas as pd
import plotly.graph_objects as go

from dashboard.parts.chart_style import Palette, finish, mark_unfinished, panels


def outcomes(
    series: pd.DataFrame, step: str, zone: str, palette: Palette, *, is_unfinished: bool = False
) -> go.Figure:
    """Stacked bars of answered, refused and failed uses per step; columns at and those."""
    figure = go.Figure()
    for column, name, colour in (
        ("answers", "Answered", palette.answered),
        ("refused", "Refused", palette.refused),
        ("failed", "Failed", palette.failed),
    ):
        figure.add_bar(x=series["at"], y=series[column], name=name, marker_color=colour)
    figure.update_layout(barmode="stack", yaxis_tickformat=",d")
    return _by_step(figure, series, step, zone, "Comments", palette, is_unfinished)


def money(
    series: pd.DataFrame, step: str, zone: str, palette: Palette, *, is_unfinished: bool = False
) -> go.Figure:
    """Revenue and, below it, AI cost per step in dollars.

    Columns at, revenue_microusd, cost_microusd.
    """
    figure = go.Figure()
    for column, name, colour in (
        ("revenue_microusd", "Revenue", palette.answered),
        ("cost_microusd", "AI cost", palette.cost),
    ):
        dollars = series[column] / 1_000_000
        figure.add_bar(
            x=series["at"],
            y=dollars,
            name=name,
            marker_color=colour,
            yaxis="y2" if name == "AI cost" else "y",
            # Alone in its panel, and so as wide as the step.
            offsetgroup="one",
        )
    figure.update_yaxes(tickprefix="$", hoverformat=",.4~f", nticks=4)
    _by_step(figure, series, step, zone, "", palette, is_unfinished)
    # Cost is a hundredth of revenue: in one panel its bars could not be seen.
    panels(figure, "Revenue", "AI cost")
    return figure.update_layout(yaxis2={"tickprefix": "$", "hoverformat": ",.4~f", "nticks": 4})


def _by_step(
    figure: go.Figure,
    series: pd.DataFrame,
    step: str,
    zone: str,
    unit: str,
    palette: Palette,
    is_unfinished: bool,
) -> go.Figure:
    is_empty = not any(trace.y is not None and sum(trace.y) for trace in figure.data)
    finish(figure, palette, f"{step.title()} ({zone})", unit, is_empty=is_empty)
    figure.update_xaxes(
        tickformat={"hour": "%H:%M", "month": "%b %Y"}.get(step, "%-d %b"),
        hoverformat={"hour": "%-d %b, %H:%M", "month": "%B %Y"}.get(step, "%a %-d %b %Y"),
        nticks=7,
    )
    if is_unfinished and not is_empty:
        mark_unfinished(figure, series["at"], palette)
    return figure

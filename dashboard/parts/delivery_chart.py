"""Deliveries over time, by outcome."""

import pandas as pd
import plotly.graph_objects as go

from dashboard.parts import causes
from dashboard.parts.chart_style import FEW, Palette, finish, panels


def deliveries(rows: pd.DataFrame, steps: pd.DatetimeIndex, x: str, palette: Palette) -> go.Figure:
    """Stacked bars of deliveries per step and outcome.

    All steps are drawn, so a single busy day is one narrow bar among empty ones.
    """
    figure = go.Figure()
    # The rows of the first step begin with the period, which may start inside the step.
    started = steps.searchsorted(rows["at"].dt.tz_convert(steps.tz), side="right") - 1
    present = [outcome for outcome in causes.OUTCOMES if outcome in set(rows["outcome"])]
    # Most deliveries are not for the buddy, a hundred times as many as the others: they have a
    # panel of their own, so that the others can be seen.
    is_apart = "ignored" in present and len(present) > 1
    for place, outcome in enumerate(present):
        counted = rows["deliveries"].where(rows["outcome"] == outcome, 0).groupby(started).sum()
        figure.add_bar(
            x=steps,
            y=counted.reindex(range(len(steps)), fill_value=0),
            name=causes.outcome(outcome),
            yaxis="y2" if is_apart and outcome == "ignored" else "y",
            marker_color=palette.refused
            if outcome == "ignored"
            else palette.series[place % len(palette.series)],
            marker_pattern_shape="" if place < len(palette.series) else "/",
        )
    figure.update_layout(barmode="stack", yaxis_tickformat=",d")
    finish(figure, palette, x=x, y="Deliveries", is_empty=rows.empty)
    if is_apart:
        panels(figure, "For the buddy", "Not for it")
        figure.update_layout(yaxis_nticks=4, yaxis2={"tickformat": ",d", "nticks": 4})
        if max(trace.y.max() for trace in figure.data if trace.yaxis == "y2") < FEW:
            # Plotly would put several marks between 0 and 1, and all would read 0 or 1.
            figure.update_layout(yaxis2_dtick=1)
    return figure

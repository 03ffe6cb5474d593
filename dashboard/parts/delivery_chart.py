"""Deliveries over time, by outcome."""

import pandas as pd
import plotly.graph_objects as go

from dashboard.parts import causes
from dashboard.parts.chart_style import Palette, finish


def deliveries(rows: pd.DataFrame, steps: pd.DatetimeIndex, x: str, palette: Palette) -> go.Figure:
    """Stacked bars of deliveries per step and outcome.

    All steps are drawn, so a single busy day is one narrow bar among empty ones.
    """
    figure = go.Figure()
    # The rows of the first step begin with the period, which may start inside the step.
    started = steps.searchsorted(rows["at"].dt.tz_convert(steps.tz), side="right") - 1
    present = [outcome for outcome in causes.OUTCOMES if outcome in set(rows["outcome"])]
    for place, outcome in enumerate(present):
        counted = rows["deliveries"].where(rows["outcome"] == outcome, 0).groupby(started).sum()
        figure.add_bar(
            x=steps,
            y=counted.reindex(range(len(steps)), fill_value=0),
            name=causes.outcome(outcome),
            # Most deliveries are not for the buddy: draw them in a background colour.
            marker_color=palette.refused
            if outcome == "ignored"
            else palette.series[place % len(palette.series)],
            marker_pattern_shape="" if place < len(palette.series) else "/",
        )
    figure.update_layout(barmode="stack", yaxis_tickformat=",d")
    return finish(figure, palette, x=x, y="Deliveries", is_empty=rows.empty)

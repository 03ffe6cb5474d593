"""The chart of the page Quality: DataFrame in, plotly figure out."""

import pandas as pd
import plotly.graph_objects as go

from dashboard.parts.chart_style import WHOLE, Palette, finish


def course(
    rows: pd.DataFrame, starts: list[pd.Timestamp], zone: str, axis: str, palette: Palette
) -> go.Figure:
    """Stacked bars per step by outcome. rows: `queries.COURSE`."""
    sums = rows.set_index("at")
    at = pd.DatetimeIndex(starts).tz_convert(zone)
    colours = {
        "taken": palette.answered,
        "ignored": palette.series[1],
        "disputed": palette.failed,
        "unknown": palette.refused,
    }
    figure = go.Figure()
    for outcome, colour in colours.items():
        if sums[outcome].any():
            counted = sums[outcome].reindex(starts, fill_value=0)
            figure.add_bar(x=at, y=counted, name=outcome.capitalize(), marker_color=colour)
    figure.update_layout(barmode="stack", yaxis_tickformat=WHOLE)
    return finish(figure, palette, x=axis, y="Answers", is_empty=not figure.data)

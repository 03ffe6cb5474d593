"""Charts of the page Analyses: DataFrame in, plotly figure out."""

import pandas as pd
import plotly.graph_objects as go

from dashboard.parts.analysis_words import OUTCOMES
from dashboard.parts.chart_style import WHOLE, Palette, finish

DONE = ("model", "measured", "cached")


def colours(palette: Palette) -> dict[str, str]:
    return {
        "model": palette.answered,
        "measured": palette.series[4],
        "cached": palette.cost,
        "refused": palette.refused,
        "failed": palette.failed,
        "cancelled": palette.grid,
    }


def course(
    rows: pd.DataFrame, starts: list[pd.Timestamp], zone: str, axis: str, palette: Palette
) -> go.Figure:
    """Stacked bars per step by outcome. rows: `figures.wide`."""
    sums = rows.groupby("at")[list(OUTCOMES)].sum() if len(rows) else pd.DataFrame()
    at = pd.DatetimeIndex(starts).tz_convert(zone)
    figure = go.Figure()
    for outcome, (_, name) in OUTCOMES.items():
        if outcome not in sums or not sums[outcome].any():
            continue
        figure.add_bar(
            x=at,
            y=sums[outcome].reindex(starts, fill_value=0),
            name=name,
            marker_color=colours(palette)[outcome],
        )
    figure.update_layout(barmode="stack", yaxis_tickformat=WHOLE)
    return finish(figure, palette, x=axis, y="Analyses", is_empty=not figure.data)


def types(rows: pd.DataFrame, palette: Palette) -> go.Figure:
    """Stacked bars of done analyses per type, by who wrote them. rows: `figures.types_of`."""
    figure = go.Figure()
    for outcome in DONE:
        figure.add_bar(
            x=rows[outcome],
            y=rows["name"],
            name=OUTCOMES[outcome][1],
            orientation="h",
            marker_color=colours(palette)[outcome],
        )
    figure.update_layout(
        barmode="stack",
        hovermode="closest",
        xaxis_tickformat=",d",
        yaxis={"autorange": "reversed"},
    )
    return finish(figure, palette, x="Analyses", y="", is_empty=rows.empty)


def times(rows: pd.DataFrame, axis: str, zone: str, palette: Palette) -> go.Figure:
    """Lines of seconds per step. rows: `queries.TIMES`, without the whole period."""
    figure = go.Figure()
    for (column, name, dash), colour in zip(
        (("p95_ms", "p95", "solid"), ("p50_ms", "Median", "dot")), palette.series, strict=False
    ):
        figure.add_scatter(
            x=rows["at"].dt.tz_convert(zone),
            y=rows[column].astype("float64") / 1000,
            name=name,
            mode="lines+markers" if len(rows) < 40 else "lines",
            line={"color": colour, "dash": dash, "width": 2},
            marker={"size": 5},
        )
    figure.update_layout(yaxis_ticksuffix=" s", yaxis_hoverformat=".1f")
    return finish(figure, palette, x=axis, y="Seconds", is_empty=rows.empty)

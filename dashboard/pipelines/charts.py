"""Charts of the page Pipelines: DataFrame in, plotly figure out."""

import pandas as pd
import plotly.graph_objects as go

from dashboard.parts import formats
from dashboard.parts.chart_style import HEIGHT, WHOLE, Palette, finish, per_cent
from dashboard.parts.pipeline_words import OUTCOMES

# Figures of a quality row as lines: name and dash.
FIDELITY = {
    "geometry_share": ("Geometry", "solid"),
    "text_share": ("Text", "dash"),
    "behaviour_killed": ("Behaviour mutants killed", "solid"),
    "style_killed": ("Style mutants killed", "dash"),
}
CODE = {
    "str": ("Semantic tags", "solid"),
    "single_use_tokens": ("Single-use tokens", "dash"),
    "apr": ("Absolute positions", "solid"),
    "avu": ("Arbitrary values", "dot"),
}


def colours(palette: Palette) -> dict[str, str]:
    return {
        "gated": palette.answered,
        "not_passed": palette.series[4],
        "untested": palette.series[3],
        "failed": palette.failed,
        "refused": palette.refused,
        "cancelled": palette.series[1],
    }


def course(
    ended: pd.DataFrame, starts: list[pd.Timestamp], zone: str, axis: str, palette: Palette
) -> go.Figure:
    """Stacked bars per step by outcome. ended: columns at, outcome, pipelines."""
    at = pd.DatetimeIndex(starts).tz_convert(zone)
    figure = go.Figure()
    for outcome, (_, name) in OUTCOMES.items():
        rows = ended[ended["outcome"] == outcome]
        if rows.empty:
            continue
        sums = rows.groupby("at")["pipelines"].sum().reindex(starts, fill_value=0)
        figure.add_bar(x=at, y=sums, name=name, marker_color=colours(palette)[outcome])
    figure.update_layout(barmode="stack", yaxis_tickformat=WHOLE)
    return finish(figure, palette, x=axis, y="Pipelines", is_empty=not figure.data)


def stages(rows: pd.DataFrame, palette: Palette) -> go.Figure:
    """Bars of median and p95 per stage. rows: columns name, p50, p95 in ms, in their order."""
    figure = go.Figure()
    for column, name, colour in (
        ("p50", "Median", palette.series[0]),
        ("p95", "p95", palette.series[1]),
    ):
        figure.add_bar(
            x=rows[column].astype("float64") / 1000,
            y=rows["name"],
            name=name,
            orientation="h",
            marker_color=colour,
            # Some stages take a hundredth of others: only the number of those can be seen.
            text=[formats.duration(None if pd.isna(each) else each) for each in rows[column]],
            textposition="outside",
            textfont_size=10,
            cliponaxis=False,
        )
    if len(rows):
        figure.update_xaxes(autorangeoptions_include=float(rows["p95"].max()) / 1000 * 1.2)
    figure.update_layout(
        barmode="group",
        hovermode="closest",
        yaxis={"autorange": "reversed"},
        xaxis_ticksuffix=" s",
        xaxis_hoverformat=".1f",
    )
    # Two bars a stage, each as high as its number: Plotly shrinks what does not fit.
    height = max(HEIGHT, 110 + 44 * len(rows))
    return finish(
        figure, palette, x="Seconds of work in a run", y="", height=height, is_empty=rows.empty
    )


def shares(
    rows: pd.DataFrame,
    names: dict[str, tuple[str, str]],
    axis: str,
    zone: str,
    palette: Palette,
) -> go.Figure:
    """A line of means per figure of `names`. rows: columns at, measure, mean."""
    figure = go.Figure()
    for (measure, (name, dash)), colour in zip(names.items(), palette.series, strict=False):
        mine = rows[rows["measure"] == measure]
        if mine.empty:
            continue
        figure.add_scatter(
            x=mine["at"].dt.tz_convert(zone),
            y=mine["mean"].astype("float64") * 100,
            name=name,
            mode="lines+markers" if len(mine) < 40 else "lines",
            line={"color": colour, "dash": dash, "width": 2},
            marker={"size": 5},
            # Half of a mark at 100 % lies above the panel.
            cliponaxis=False,
        )
    per_cent(figure)
    shown = rows.loc[rows["measure"].isin(names), "mean"].astype("float64")
    if len(shown) and shown.min() > 0.5:
        # Lines near the top would lie on each other above a long way from 0.
        figure.update_layout(yaxis_range=[shown.min() * 100 - 3, 100])
    return finish(figure, palette, x=axis, y="Mean", is_empty=not figure.data)

"""The chart of the page: DataFrame in, plotly figure out."""

from datetime import date

import pandas as pd
import plotly.graph_objects as go

from dashboard.parts.chart_style import Palette, finish

PARTS = {"quantity_microusd": "From calls or tokens", "price_microusd": "From prices"}


def by_day(rows: pd.DataFrame) -> pd.DataFrame:
    """Columns day and the two parts of billed − ours, in micro-dollars."""
    amounts = rows[["day", *PARTS]].astype({name: "float" for name in PARTS})
    return amounts.groupby("day", as_index=False).sum()


def course(days: pd.DataFrame, palette: Palette) -> go.Figure:
    figure = go.Figure()
    # All of one month, which stands above; days without a difference have no place.
    names = [f"{date.fromisoformat(day):%-d %b}" for day in days["day"]]
    for (column, name), colour in zip(PARTS.items(), palette.series, strict=False):
        figure.add_bar(x=names, y=days[column] / 1_000_000, name=name, marker={"color": colour})
    figure.update_layout(barmode="relative")
    figure.update_xaxes(type="category")
    return finish(figure, palette, x="Day (UTC)", y="Billed − ours, US dollars")

"""Charts of the page AI cost."""

import pandas as pd
import plotly.graph_objects as go

from dashboard.parts import cost_words
from dashboard.parts.chart_style import Palette, finish

MILLION = 1_000_000
# The most bars that people can tell apart.
BARS = 12


def course(rows: pd.DataFrame, buckets: pd.DatetimeIndex, axis: str, palette: Palette) -> go.Figure:
    """Stacked bars per bucket: reported by the provider, and priced (with adjustments).

    rows: at, reported_microusd, priced_microusd.
    """
    at = pd.to_datetime(rows["at"]).dt.tz_convert(buckets.tz)
    filled = rows.assign(at=at).set_index("at").reindex(buckets, fill_value=0)
    figure = go.Figure()
    for column, name, colour in (
        ("reported_microusd", "Reported", palette.series[0]),
        ("priced_microusd", "Priced", palette.series[1]),
    ):
        dollars = filled[column] / MILLION
        figure.add_bar(x=buckets, y=dollars, name=name, marker_color=colour)
    figure.update_layout(barmode="relative", yaxis_tickprefix="$", yaxis_hoverformat=",.4~f")
    is_empty = not int(filled[["reported_microusd", "priced_microusd"]].abs().to_numpy().sum())
    return finish(figure, palette, x=axis, y="Cost (US dollars)", is_empty=is_empty)


def breakdown(rows: pd.DataFrame, axis: str, palette: Palette, *, in_order: bool) -> go.Figure:
    """One bar per row (name, total_microusd): the first ones, or with `in_order` all of them."""
    shown = rows if in_order else rows.head(BARS)
    dollars = shown["total_microusd"] / MILLION
    is_empty = not int(rows["total_microusd"].abs().sum())
    figure = go.Figure()
    if in_order:
        figure.add_bar(x=shown["name"], y=dollars, marker_color=palette.cost, showlegend=False)
        figure.update_layout(yaxis_tickprefix="$", yaxis_hoverformat=",.4~f")
        figure.update_xaxes(type="category")
        return finish(figure, palette, x=axis, y="Cost (US dollars)", is_empty=is_empty)
    # Names lie: below bars that stand they would be slanted over each other on a phone.
    figure.add_bar(
        x=dollars,
        y=shown["name"],
        orientation="h",
        marker_color=palette.cost,
        showlegend=False,
        # Beside a bar a hundred times as long only its number can be seen.
        text=[cost_words.money(int(each)) for each in shown["total_microusd"]],
        textposition="outside",
        cliponaxis=False,
    )
    # Room for the number at the end of the longest bar.
    figure.update_xaxes(autorangeoptions_include=float(dollars.max() if len(dollars) else 0) * 1.2)
    figure.update_layout(
        xaxis_tickprefix="$",
        xaxis_hoverformat=",.4~f",
        hovermode="closest",
        yaxis={"type": "category", "autorange": "reversed"},
    )
    return finish(figure, palette, x="Cost (US dollars)", y="", is_empty=is_empty)


def forecast(days: pd.DataFrame, zone: str, palette: Palette) -> go.Figure:
    """The month's cost up to each day, and the expected total with its range.

    days: day, is_over, forecast_microusd, low_microusd, high_microusd; one row per day.
    """
    figure = go.Figure()
    columns = ["forecast_microusd", "low_microusd", "high_microusd"]
    sums = days[columns].astype("float64").cumsum() / MILLION
    # The range starts from the last finished day, or from the first day of the month.
    first = max(0, int(days["is_over"].sum()) - 1)
    over, ahead = days["is_over"].astype(bool), slice(first, None)
    for column, fill in (("low_microusd", None), ("high_microusd", "tonexty")):
        figure.add_scatter(
            x=days["day"][ahead], y=sums[column][ahead], mode="lines", fill=fill, line_width=0,
            fillcolor=palette.grid, name="Range", showlegend=fill is not None,
            hoverinfo="skip" if fill is None else None,
        )  # fmt: skip
    figure.add_scatter(
        x=days["day"][ahead], y=sums["forecast_microusd"][ahead], mode="lines", name="Forecast",
        line={"color": palette.cost, "width": 2, "dash": "dot"},
    )  # fmt: skip
    figure.add_scatter(
        x=days["day"][over], y=sums["forecast_microusd"][over], mode="lines", name="So far",
        line={"color": palette.cost, "width": 2},
    )  # fmt: skip
    figure.update_layout(yaxis_tickprefix="$", yaxis_hoverformat=",.4~f")
    is_empty = not days[columns].to_numpy().sum()
    return finish(
        figure, palette, x=f"Day ({zone})", y="Cost of the month (US dollars)", is_empty=is_empty
    )

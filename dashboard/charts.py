"""DataFrame in, plotly figure out. Imports neither Streamlit nor the database.

The colours are Okabe and Ito's, which people of every colour vision tell apart, with a lighter set
for dark backgrounds: https://jfly.uni-koeln.de/color/
"""

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

HEIGHT = 300
CONFIG = {"displayModeBar": False}


@dataclass(frozen=True)
class Palette:
    """Each at least 3:1 against the theme's background (WCAG 1.4.11)."""

    answered: str
    refused: str
    failed: str
    cost: str
    text: str
    grid: str
    background: str


LIGHT = Palette(
    answered="#0072B2",
    refused="#8A8F99",
    failed="#D55E00",
    cost="#00805D",
    text="#4A4F5C",
    grid="#E6E8EE",
    background="#FFFFFF",
)
DARK = Palette(
    answered="#56B4E9",
    refused="#8E95A3",
    failed="#F0803C",
    cost="#22B88F",
    text="#B4BAC8",
    grid="#2A2F3D",
    background="#12151D",
)


def palette_of(theme: str | None) -> Palette:
    return DARK if theme == "dark" else LIGHT


def template_of(palette: Palette) -> go.layout.Template:
    """What every chart has in common."""
    axis = {
        "gridcolor": palette.grid,
        "linecolor": palette.grid,
        "zeroline": False,
        "title": {"font": {"size": 12}, "standoff": 8},
        "tickfont": {"size": 12},
    }
    return go.layout.Template(
        layout=go.Layout(
            margin={"l": 8, "r": 8, "t": 8, "b": 8},
            font={"color": palette.text, "family": '"Source Sans", sans-serif', "size": 13},
            paper_bgcolor="rgba(0,0,0,0)",
            plot_bgcolor="rgba(0,0,0,0)",
            hovermode="x unified",
            hoverlabel={"bgcolor": palette.background, "font": {"color": palette.text}},
            bargap=0.25,
            barcornerradius=3,
            legend={
                "orientation": "h",
                "y": 1.02,
                "yanchor": "bottom",
                "x": 0,
                "traceorder": "normal",
            },
            xaxis={**axis, "showgrid": False, "automargin": True},
            yaxis={**axis, "rangemode": "tozero", "automargin": True},
        )
    )


def outcomes(series: pd.DataFrame, step: str, palette: Palette) -> go.Figure:
    """Stacked bars of answered, refused and failed uses per step ("hour" or "day", UTC)."""
    figure = go.Figure()
    for column, name, colour in (
        ("answers", "Answered", palette.answered),
        ("refused", "Refused", palette.refused),
        ("failed", "Failed", palette.failed),
    ):
        figure.add_bar(x=series["at"], y=series[column], name=name, marker_color=colour)
    figure.update_layout(barmode="stack", yaxis_tickformat=",d")
    return _finish(figure, series["at"], step, "Comments", palette)


def cost(series: pd.DataFrame, step: str, palette: Palette) -> go.Figure:
    """Bars of the cost in dollars per step ("hour" or "day", UTC)."""
    figure = go.Figure()
    dollars = series["cost_microusd"] / 1_000_000
    figure.add_bar(
        x=series["at"], y=dollars, name="Cost", marker_color=palette.cost, showlegend=False
    )
    figure.update_layout(yaxis_tickprefix="$", yaxis_hoverformat=",.4~f")
    return _finish(figure, series["at"], step, "Cost (US dollars)", palette)


def _finish(figure: go.Figure, at: pd.Series, step: str, unit: str, palette: Palette) -> go.Figure:
    hours = step == "hour"
    figure.update_layout(template=template_of(palette), height=HEIGHT)
    figure.update_xaxes(
        title_text="Hour (UTC)" if hours else "Day (UTC)",
        tickformat="%H:%M" if hours else "%-d %b",
        hoverformat="%-d %b, %H:%M UTC" if hours else "%a %-d %b %Y",
        nticks=7,
    )
    figure.update_yaxes(title_text=unit)
    # An empty chart keeps its axes, so that nothing jumps when the first answer arrives.
    if not any(trace.y is not None and sum(trace.y) for trace in figure.data):
        figure.update_yaxes(range=[0, 1], showticklabels=False)
        figure.add_annotation(
            text="Nothing in this period",
            xref="paper",
            yref="paper",
            x=0.5,
            y=0.5,
            showarrow=False,
        )
    return figure

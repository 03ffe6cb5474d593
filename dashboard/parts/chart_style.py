"""What every chart has in common: the colours and one template.

The colours are Okabe and Ito's. People with any colour vision can tell them apart. There is a
lighter set for dark backgrounds: https://jfly.uni-koeln.de/color/
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

HEIGHT = 300
WHOLE = ",d"
FEW = 5
# So many columns a heat map has at least: cells as wide as the page look like bars.
COHORT_COLUMNS = 6
CONFIG = {"displayModeBar": False}
# Date formats on every page, for ticks a day to a month apart, and for a month or more.
DATES = (([86_400_000, "M1"], "%-d %b"), (["M1", None], "%b %Y"))


@dataclass(frozen=True)
class Palette:
    """Colours with a contrast of at least 3:1 to the theme's background (WCAG 1.4.11)."""

    answered: str
    refused: str
    failed: str
    cost: str
    text: str
    grid: str
    background: str
    # For cells and bars without a meaning yet.
    faint: str
    # For series whose colour has no meaning: plans, models, causes; not the colour of failure.
    series: tuple[str, ...]
    # For heat maps, from low to high. Text in a cell has at least 4.5:1, below and above `turn`.
    scale: tuple[tuple[float, str], ...]
    turn: float
    cell_text: tuple[str, str]


LIGHT = Palette(
    answered="#0072B2",
    refused="#8A8F99",
    failed="#D55E00",
    cost="#00805D",
    text="#4A4F5C",
    grid="#E6E8EE",
    background="#FFFFFF",
    faint="#EEF0F4",
    series=("#0072B2", "#8A6D00", "#00805D", "#A8588A", "#7A4B2A", "#5B6270"),
    scale=((0.0, "#F1F6FB"), (0.5, "#6FAFDA"), (1.0, "#004B7A")),
    turn=0.76,
    cell_text=("#000000", "#FFFFFF"),
)
DARK = Palette(
    answered="#56B4E9",
    refused="#8E95A3",
    failed="#F0803C",
    cost="#22B88F",
    text="#B4BAC8",
    grid="#2A2F3D",
    background="#12151D",
    faint="#1B202B",
    series=("#56B4E9", "#E0C040", "#22B88F", "#D58BBB", "#C99B6E", "#A9B0BE"),
    scale=((0.0, "#1A2433"), (0.5, "#2E7DB0"), (1.0, "#9BD8FF")),
    turn=0.49,
    cell_text=("#FFFFFF", "#000000"),
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
            # Apart from the zero of the y axis, which stands at the same corner.
            xaxis={**axis, "showgrid": False, "automargin": True, "ticklabelstandoff": 5},
            yaxis={**axis, "rangemode": "tozero", "automargin": True, "ticklabelstandoff": 4},
        )
    )


def finish(
    figure: go.Figure,
    palette: Palette,
    x: str,
    y: str,
    *,
    height: int = HEIGHT,
    is_empty: bool = False,
) -> go.Figure:
    """Apply the template, titles of axes with units, and a note if there is no data."""
    figure.update_layout(template=template_of(palette), height=height)
    # Not in the template: Plotly ignores lists there.
    stops = [{"dtickrange": span, "value": form} for span, form in DATES]
    figure.update_xaxes(title_text=x, tickformatstops=stops)
    figure.update_yaxes(title_text=y)
    # Plotly would put four marks between 0 and 1, and all would read 0 or 1.
    if figure.layout.yaxis.tickformat == WHOLE and _height(figure) < FEW:
        figure.update_yaxes(dtick=1)
    if figure.layout.xaxis.tickformat == WHOLE and _length(figure) < FEW:
        figure.update_xaxes(dtick=1)
    # An empty chart keeps its axes, so that the layout does not jump when the first answer comes.
    if is_empty:
        figure.update_yaxes(range=[0, 1], showticklabels=False, showgrid=False)
        # Without steps Plotly would show numbers from 0 to 6.
        has_steps = any(trace.x is not None and len(trace.x) for trace in figure.data)
        figure.update_xaxes(showticklabels=has_steps)
        figure.add_annotation(
            text="Nothing in this period",
            xref="paper",
            yref="paper",
            x=0.5,
            y=0.5,
            showarrow=False,
        )
    return figure


def _height(figure: go.Figure) -> float:
    """The greatest height of a chart's marks, stacked or not."""
    return _sum_of_tops(trace.y for trace in figure.data)


def _length(figure: go.Figure) -> float:
    """The greatest length of a chart's lying bars, stacked or not."""
    return _sum_of_tops(trace.x for trace in figure.data)


def _sum_of_tops(values: Iterable[Any]) -> float:
    numbers = (pd.to_numeric(pd.Series(each), errors="coerce") for each in values)
    tops = (each.abs().max() for each in numbers)
    return float(sum(top for top in tops if pd.notna(top)))


def panels(figure: go.Figure, upper: str, lower: str) -> None:
    """Two panels above each other with one x axis, for values of different units or sizes.

    Traces of the lower one have `yaxis="y2"`. Call it after `finish`.
    """
    axis = {
        "rangemode": "tozero",
        "automargin": True,
        "gridcolor": figure.layout.template.layout.yaxis.gridcolor,
        # Of an empty chart no axis has numbers.
        "showticklabels": figure.layout.yaxis.showticklabels,
        "showgrid": figure.layout.yaxis.showgrid,
    }
    figure.update_layout(
        yaxis={"domain": [0.56, 1], "title_text": upper},
        yaxis2={**axis, "domain": [0, 0.42], "anchor": "x", "title_text": lower, "zeroline": False},
        xaxis_anchor="y2",
        # Half as high: the label of an unfinished step needs more room above the marks.
        yaxis_autorangeoptions_include=_top(figure) * 1.4,
    )


def cohort_columns(figure: go.Figure, last: int) -> None:
    """Columns 0 to `last` of a heat map; in the first weeks there is room for more of them."""
    figure.update_xaxes(dtick=1, showgrid=False, range=[-0.5, max(last, COHORT_COLUMNS - 1) + 0.5])


def per_cent(figure: go.Figure) -> None:
    """Shares on the y axis as everywhere else: 12 %, and not 12%."""
    figure.update_yaxes(ticksuffix=" %", tickformat=",.3~f", hoverformat=".1f")


def _top(figure: go.Figure) -> float:
    """The highest mark of the upper panel; stacked bars are one."""
    drawn = [each for each in figure.data if each.y is not None and each.yaxis in (None, "y")]
    heights = pd.DataFrame([pd.to_numeric(pd.Series(each.y), errors="coerce") for each in drawn])
    if heights.empty:
        return 0.0
    is_stacked = figure.layout.barmode in ("stack", "relative")
    tops = heights.clip(lower=0).sum() if is_stacked else heights.max()
    return float(tops.max()) if len(tops) and pd.notna(tops.max()) else 0.0


def span(figure: go.Figure, steps: pd.DatetimeIndex) -> None:
    """All steps on the x axis: a mark without neighbours stands at its time, not in the middle."""
    if len(steps) > 1:
        half = (steps[-1] - steps[-2]) / 2
        figure.update_xaxes(range=[steps[0] - half, steps[-1] + half])


def mark_unfinished(figure: go.Figure, at: pd.Series | pd.DatetimeIndex, palette: Palette) -> None:
    """Shade and label the unfinished last step. `at`: the start of each step."""
    times = pd.DatetimeIndex(at)
    # Where nothing is drawn, nothing grows.
    if len(times) < 2 or not _height(figure):
        return
    half = (times[-1] - times[-2]) / 2
    # Room above the highest mark, so that the label lies over none.
    figure.update_layout(yaxis_autorangeoptions_include=_top(figure) * 1.16)
    figure.add_vrect(
        x0=times[-1] - half,
        x1=times[-1] + half,
        fillcolor=palette.text,
        opacity=0.08,
        line_width=0,
        layer="below",
        annotation_text="not over yet",
        annotation_position="top right",
        annotation_font_size=11,
        # Readable also on top of bars and lines.
        annotation_bgcolor=palette.background,
    )

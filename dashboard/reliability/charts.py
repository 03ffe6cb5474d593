"""Charts of the reliability and webhook pages: DataFrame in, plotly figure out."""

from textwrap import wrap

import pandas as pd
import plotly.graph_objects as go

from dashboard.parts import causes
from dashboard.parts.chart_style import FEW, WHOLE, Palette, finish, panels, per_cent
from service.outside_names import provider_name

LATENCY_LINES = (
    ("total_p95_ms", "Total, p95"),
    ("total_p50_ms", "Total, median"),
    ("model_p95_ms", "Model, p95"),
    ("figma_p95_ms", "Figma, p95"),
)
# In characters: leaves room for the bars on a phone.
LABEL_WIDTH = 22
YOUNG_SECONDS = 120
DASHES = ("solid", "dot", "dash", "dashdot")


def latencies(course: pd.DataFrame, x: str, palette: Palette) -> go.Figure:
    """Lines of seconds per step; each has its own dash pattern and colour."""
    figure = go.Figure()
    for (column, name), colour, dash in zip(LATENCY_LINES, palette.series, DASHES, strict=False):
        figure.add_scatter(
            x=course["at"],
            y=course[column].astype("float64") / 1000,
            name=name,
            mode="lines+markers" if len(course) < 40 else "lines",
            line={"color": colour, "dash": dash, "width": 2},
            marker={"size": 5},
        )
    figure.update_layout(yaxis_ticksuffix=" s", yaxis_hoverformat=".1f")
    return finish(figure, palette, x=x, y="Seconds", is_empty=not course["answered"].sum())


def budgets(rows: pd.DataFrame, names: dict[str, str], x: str, palette: Palette) -> go.Figure:
    """The rest of each objective's error budget, day by day; below zero it is overdrawn.

    rows: code, day, cases, budget_left. `names` maps codes of objectives to display names.
    """
    figure = go.Figure()
    parts = rows.groupby("code", sort=False)
    for (code, part), colour, dash in zip(parts, palette.series, DASHES, strict=False):
        figure.add_scatter(
            x=part["day"],
            y=part["budget_left"].astype("float64") * 100,
            name=names.get(str(code), str(code)),
            mode="lines",
            line={"color": colour, "dash": dash, "width": 2, "shape": "hv"},
        )
    figure.add_hline(y=0, line={"color": palette.text, "width": 1})
    figure.update_layout(yaxis_rangemode="normal")
    per_cent(figure)
    return finish(figure, palette, x=x, y="Error budget left", is_empty=not rows["cases"].sum())


def failures(rows: pd.DataFrame, palette: Palette) -> go.Figure:
    """Bars of failures by cause, most frequent on top. Columns error_code, failed."""
    figure = go.Figure()
    names = ["<br>".join(wrap(causes.cause(code), LABEL_WIDTH)) for code in rows["error_code"]]
    figure.add_bar(
        x=rows["failed"],
        y=names,
        orientation="h",
        marker_color=palette.failed,
        showlegend=False,
        # Beside a bar a hundred times as long only the number can be seen.
        text=[f"{each:,}" for each in rows["failed"]],
        textposition="outside",
        cliponaxis=False,
    )
    figure.update_layout(
        hovermode="closest", yaxis={"autorange": "reversed"}, xaxis_tickformat=",d"
    )
    # Room for the number of the longest bar.
    figure.update_xaxes(autorangeoptions_include=float(rows["failed"].max() or 0) * 1.15)
    return finish(figure, palette, x="Comments that failed", y="", is_empty=rows.empty)


def providers(rows: pd.DataFrame, palette: Palette) -> go.Figure:
    """Stacked bars of calls per provider and outcome."""
    figure = go.Figure()
    named = rows.assign(provider=rows["provider"].map(provider_name))
    calls = named.groupby(["provider", "outcome"], as_index=False)["calls"].sum()
    for outcome, name, colour in (
        ("answered", "Answered", palette.answered),
        ("failed", "Failed", palette.failed),
        ("skipped", "Passed over", palette.refused),
    ):
        part = calls[calls["outcome"] == outcome]
        figure.add_bar(
            x=part["calls"], y=part["provider"], name=name, orientation="h", marker_color=colour
        )
    totals = calls.groupby("provider")["calls"].sum()
    figure.add_scatter(
        x=totals, y=totals.index, text=[f" {each:,}" for each in totals], mode="text",
        textposition="middle right", showlegend=False, hoverinfo="skip", cliponaxis=False,
    )  # fmt: skip
    figure.update_layout(barmode="stack", hovermode="closest", xaxis_tickformat=",d")
    figure.update_xaxes(autorangeoptions_include=float(totals.max() or 0) * 1.2)
    return finish(figure, palette, x="Calls", y="", is_empty=rows.empty)


def queue(course: pd.DataFrame, x: str, palette: Palette) -> go.Figure:
    """The longest queue per step, and below it the age of its oldest answer.

    The age is in minutes, or in seconds if it is always low.
    """
    is_young = course.empty or course["oldest_seconds"].max() < YOUNG_SECONDS
    unit, seconds = ("Seconds", 1) if is_young else ("Minutes", 60)
    figure = go.Figure()
    figure.add_bar(
        x=course["at"], y=course["waiting"], name="Waiting and in work",
        marker_color=palette.answered,
    )  # fmt: skip
    figure.add_scatter(
        x=course["at"], y=course["oldest_seconds"] / seconds, name=f"Oldest ({unit.lower()})",
        yaxis="y2", mode="lines", line={"color": palette.cost, "width": 2},
    )  # fmt: skip
    figure.update_layout(
        yaxis2={
            "hoverformat": ".1f", "tickformat": ".0f",
            **({"dtick": 1} if course["oldest_seconds"].max() / seconds < FEW else {"nticks": 4}),
        },
        yaxis_tickformat=WHOLE,
        yaxis_nticks=4,
    )  # fmt: skip
    if len(course) < FEW:
        # With so few steps Plotly would put tick labels at microseconds.
        figure.update_xaxes(tickvals=course["at"], tickformat="%-d %b, %H:%M")
    finish(figure, palette, x=x, y="", is_empty=not course["waiting"].sum())
    panels(figure, "Waiting", f"Oldest ({unit.lower()})")
    return figure

"""Charts of the trials page: DataFrame in, plotly figure out."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard.parts import formats
from dashboard.parts.chart_style import Palette, finish


def standing(places: pd.DataFrame, palette: Palette) -> go.Figure:
    """Stacked bars of people by free uses taken; columns uses, inside, left, paid."""
    figure = go.Figure()
    for column, name, colour, shape in (
        ("inside", "On trial", palette.answered, ""),
        ("paid", "Paying", palette.cost, ""),
        ("left", "Silent for 30 days", palette.refused, "/"),
    ):
        figure.add_bar(
            x=places["uses"].astype(str),
            y=places[column],
            name=name,
            marker={"color": colour, "pattern": {"shape": shape, "solidity": 0.3}},
        )
    figure.update_layout(barmode="stack")
    figure.update_xaxes(type="category")
    figure.update_yaxes(tickformat=",d")
    nothing = not places[["inside", "left", "paid"]].to_numpy().sum()
    return finish(figure, palette, x="Free uses taken", y="People", is_empty=nothing)


def survival(steps: pd.DataFrame, palette: Palette) -> go.Figure:
    """The survival curve from answer 1 to paying with its 95 % band; columns of `read_survival`."""
    labels = ["1", *[str(step + 1) for step in steps["step"][:-1]], "paid"]
    at_risk = (steps["went_on"] + steps["stopped"]).astype(int)
    hover = ["Everybody who began"] + [_step_text(step) for step in steps.itertuples()]
    nothing = not (at_risk.sum() + steps["inside"].sum())
    curve = [None if nothing else 1.0, *steps["survival"]]
    band = steps.assign(label=labels[1:]).dropna(subset=["low"])
    figure = go.Figure()
    for column, fill in (("high", None), ("low", "tonexty")):
        figure.add_scatter(
            x=band["label"],
            y=band[column],
            mode="lines",
            line={"width": 0},
            fill=fill,
            fillcolor=_see_through(palette.answered),
            showlegend=False,
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=labels,
        y=curve,
        mode="lines+markers+text",
        line={"color": palette.answered, "width": 2.5},
        marker={
            "size": 8,
            "symbol": ["circle", *_symbols(at_risk)],
        },
        text=["", *_labels(steps)],
        textposition=[*["top center"] * len(steps), "bottom left"],
        customdata=hover,
        hovertemplate="%{customdata}<extra></extra>",
        showlegend=False,
    )
    figure.update_layout(hovermode="closest")
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=labels)
    quarters = [0, 0.25, 0.5, 0.75, 1]
    figure.update_yaxes(
        range=[0, 1.12], tickvals=quarters, ticktext=[formats.percent(each) for each in quarters]
    )
    return finish(figure, palette, x="Answer", y="Still with us", is_empty=bool(nothing))


def _see_through(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.15)"


def _labels(steps: pd.DataFrame) -> list[str]:
    """Labels of every second step and the last, for room on a phone: the rate, or few people."""
    last = len(steps) - 1
    return [
        "" if place % 2 and place != last else _label(step)
        for place, step in enumerate(steps.itertuples())
    ]


def _label(step: Any) -> str:
    judged = step.went_on + step.stopped
    if pd.isna(step.survival):
        return formats.NONE
    return (
        f"{step.went_on} of {judged}"
        if judged < formats.SMALL_SAMPLE
        else formats.percent(step.survival)
    )


def _symbols(at_risk: pd.Series) -> list[str]:
    return ["circle" if people >= formats.SMALL_SAMPLE else "circle-open" for people in at_risk]


def _step_text(step: Any) -> str:
    went_on, stopped, inside = step.went_on, step.stopped, step.inside
    judged = went_on + stopped
    lines = [
        f"Step {step.step}: {went_on:,} went on, {stopped:,} stopped",
        f"{inside:,} still inside, not judged yet",
    ]
    if 0 < judged < formats.SMALL_SAMPLE:
        lines.insert(1, f"Went on: {formats.share(int(went_on), int(judged))}")
    elif not pd.isna(step.low):
        likely = f"{step.low * 100:.0f}–{step.high * 100:.0f} %"
        lines.append(f"Still with us after it: {formats.percent(step.survival)} ({likely})")
    return "<br>".join(lines)


def spread(rows: pd.DataFrame, palette: Palette) -> go.Figure:
    """Bars of people by the time it took them to pay; columns label, people."""
    figure = go.Figure()
    figure.add_bar(
        # Short enough to be horizontal on a phone.
        x=rows["label"].replace({"under 1": "< 1", "60 or more": "60 +"}),
        y=rows["people"],
        marker_color=palette.cost,
        showlegend=False,
        name="People",
    )
    figure.update_xaxes(type="category")
    figure.update_yaxes(tickformat=",d")
    return finish(
        figure,
        palette,
        x="Days from the first free answer to paying",
        y="People",
        is_empty=not rows["people"].sum(),
    )

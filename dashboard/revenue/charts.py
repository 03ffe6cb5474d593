"""MRR movements per step: gains upwards, losses downwards."""

import pandas as pd
import plotly.graph_objects as go

from dashboard.parts.chart_style import Palette, finish

NAMES = {
    "new": "New",
    "expansion": "Expansion",
    "reactivation": "Reactivation",
    "contraction": "Contraction",
    "churn": "Churn",
}


def movements(
    steps: pd.DataFrame, x: str, palette: Palette, *, is_unfinished: bool = False
) -> go.Figure:
    """Stacked bars in dollars; the last bar is hatched while its step is not over."""
    figure = go.Figure()
    colours = (palette.answered, palette.cost, palette.series[4], palette.series[3], palette.failed)
    shapes = [""] * len(steps)
    if is_unfinished and shapes:
        shapes[-1] = "/"
    for (kind, name), colour in zip(NAMES.items(), colours, strict=True):
        figure.add_bar(
            x=steps["at"],
            y=steps[kind] / 1_000_000,
            name=name,
            marker={"color": colour, "pattern": {"shape": shapes, "solidity": 0.4}},
        )
    figure.update_layout(barmode="relative")
    figure.update_xaxes(hoverformat="%-d %b %Y", nticks=7)
    figure.update_yaxes(tickformat="$,~f", hoverformat="$,.2f", rangemode="normal")
    is_empty = not steps[list(NAMES)].to_numpy().any()
    return finish(figure, palette, x=x, y="MRR gained and lost (US dollars)", is_empty=is_empty)

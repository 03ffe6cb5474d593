"""DataFrame in, plotly figure out, one module per page. None imports Streamlit or the database."""

from dashboard.charts.template import (
    CONFIG,
    DARK,
    HEIGHT,
    LIGHT,
    Palette,
    finish,
    mark_unfinished,
    palette_of,
    template_of,
)

__all__ = [
    "CONFIG",
    "DARK",
    "HEIGHT",
    "LIGHT",
    "Palette",
    "finish",
    "mark_unfinished",
    "palette_of",
    "template_of",
]

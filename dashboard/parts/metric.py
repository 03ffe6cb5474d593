"""A figure's definition, its value, and the rows that add up to it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from dashboard.parts import formats


@dataclass(frozen=True)
class Metric:
    """A figure's definition.

    `name` is its column in rows and CSV; `definition` is shown on hover; `source` is the SQL
    function that computes it.
    Values are micro-dollars for money, milliseconds for ms, 0 to 1 for share.
    """

    name: str
    label: str
    definition: str
    unit: Literal["count", "money", "share", "ms", "ratio"] = "count"
    better: Literal["up", "down", "neither"] = "up"
    source: str = ""

    def text(self, figure: "Figure") -> str:
        """The value as readable text; a share of few cases as cases."""
        if self.unit == "share" and figure.whole is not None and figure.part is not None:
            return formats.rate(figure.part, figure.whole)
        value = figure.value
        if value is None:
            return formats.NONE
        return {
            "count": lambda: formats.count(int(value)),
            "money": lambda: formats.money(int(value)),
            "share": lambda: formats.percent(value),
            "ms": lambda: formats.duration(value),
            "ratio": lambda: f"{value:,.1f}×",
        }[self.unit]()

    def change(self, figure: "Figure") -> str | None:
        """Change from the period before: per cent, or points of a share; None: too few cases."""
        if self.unit != "share":
            return formats.change(figure.value, figure.before)
        is_small = figure.whole is not None and figure.whole < formats.SMALL_SAMPLE
        return None if is_small else formats.points(figure.value, figure.before)


@dataclass(frozen=True)
class Explanation:
    """What a chart, a table or a column shows; `source` is the SQL function of its data."""

    label: str
    definition: str
    source: str


Definition = Metric | Explanation


@dataclass(frozen=True)
class Figure:
    """A metric's value in a period and before, and its course; part and whole of a share."""

    value: int | float | None
    before: int | float | None = None
    course: Sequence[float | None] = ()
    part: float | None = None
    whole: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Rows:
    """Raw values, and totals of their columns: `footer[metric.name]` is the figure's value."""

    frame: pd.DataFrame
    footer: dict[str, int | float | None] = field(default_factory=dict)

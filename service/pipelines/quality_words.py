"""What each figure of a quality row means, and when it is good: for the page, replies and the
dashboard. The figures themselves are in ``gate/quality.py``.

A figure is None where it was not measured. That is never told as 0.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

Verdict = Literal["good", "bad", "info", "not_measured"]


@dataclass(frozen=True)
class Figure:
    """``names``: the fields that it is read from. ``wanted`` says in words when it is good; empty:
    it is told for comparison alone. ``is_good`` is asked only where all fields were measured."""

    label: str
    names: tuple[str, ...]
    meaning: str
    wanted: str
    show: Callable[..., str]
    is_good: Callable[..., bool] | None = None


@dataclass(frozen=True)
class Shown:
    """One figure of one row, in words."""

    label: str
    value: str
    meaning: str
    wanted: str
    verdict: Verdict


def _percent(share: float) -> str:
    """Cut off and not rounded, so that 99.96 % does not read as all and 2.96 % not as 3."""
    digits = 2 if share < 0.1 else 1
    cut = math.floor(100 * share * 10**digits + 1e-6) / 10**digits
    return f"{cut:.{digits}f}".rstrip("0").rstrip(".") + " %"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _killed(killed: int, mutants: int) -> str:
    share = f" ({_percent(killed / mutants)})" if mutants else ""
    return f"{killed} of {mutants}{share}"


def _enough(killed: int, mutants: int) -> bool:
    return mutants == 0 or killed / mutants >= 0.8


def _widths(widths: Any) -> str:
    return ", ".join(f"{each} px" for each in widths) if widths else "none"


def _is_none(value: int) -> bool:
    return not value


FIGURES: Final = (
    Figure(
        "Geometry",
        ("geometry_share",),
        "How many elements lie where the design has them, within 2 px or 2 %.",
        "at least 95 %",
        _percent,
        lambda share: share >= 0.95,
    ),
    Figure(
        "Text",
        ("text_share",),
        "How many texts say exactly what the design says.",
        "100 %",
        _percent,
        lambda share: share >= 1,
    ),
    Figure(
        "Colour difference",
        ("colour_delta_e_p95",),
        "ΔE00 of 95 of 100 colours is at most this. Below 1 nobody sees a difference.",
        "at most 2",
        _number,
        lambda delta: delta <= 2,
    ),
    Figure(
        "Behaviour tests",
        ("behaviour_killed", "behaviour_mutants"),
        "How many copies with broken behaviour the tests notice: a lost handler, a wrong default.",
        "at least 80 %",
        _killed,
        _enough,
    ),
    Figure(
        "Style tests",
        ("style_killed", "style_mutants"),
        "How many copies with a broken look the tests notice: a lost colour, a lost space.",
        "at least 80 %",
        _killed,
        _enough,
    ),
    Figure(
        "Accessibility",
        ("axe_violations",),
        "Rules of axe that it breaks.",
        "none",
        str,
        _is_none,
    ),
    Figure(
        "Type errors",
        ("type_errors",),
        "What strict TypeScript finds wrong.",
        "none",
        str,
        _is_none,
    ),
    Figure(
        "Failed tests",
        ("failed_tests",),
        "Its own tests that fail on it.",
        "none",
        str,
        _is_none,
    ),
    Figure(
        "Console errors",
        ("console_errors",),
        "What a browser complains about while it shows it.",
        "none",
        str,
        _is_none,
    ),
    Figure(
        "Overflow",
        ("overflow_widths",),
        "Widths of a window at which it sticks out or cuts a text off: 360, 768, 1200 and 1920 px.",
        "none",
        _widths,
        _is_none,
    ),
    Figure(
        "Absolute positions",
        ("apr",),
        "How many elements are laid out by fixed positions, which break at other widths.",
        "below 3 %",
        _percent,
        lambda share: share < 0.03,
    ),
    Figure(
        "Arbitrary values",
        ("avu",),
        "How many classes have a raw number such as w-[123px] in place of a token.",
        "below 3 %",
        _percent,
        lambda share: share < 0.03,
    ),
    Figure(
        "Semantic tags",
        ("str",),
        "How many elements say what they are: a button, a heading, a list.",
        "above 29 %",
        _percent,
        lambda share: share > 0.29,
    ),
    Figure(
        "Tokens used once",
        ("single_use_tokens",),
        "How many tokens stand in one place only, and are a number with a name.",
        "at most 10 %",
        _percent,
        lambda share: share <= 0.1,
    ),
    Figure(
        "Picture difference",
        ("mae",),
        "How far its picture is from the design's, on average over all pixels: 0 is the same.",
        "",
        lambda value: f"{value:.3f}",
    ),
    Figure(
        "Picture likeness",
        ("ssim",),
        "How alike both pictures are to the eye: 1 is the same. Fonts weigh most.",
        "",
        lambda value: f"{value:.3f}",
    ),
    Figure(
        "Relative units",
        ("rur",),
        "How many sizes grow with the window or the reader's type size.",
        "",
        _percent,
    ),
)


def show_figures(row: Mapping[str, Any]) -> list[Shown]:
    """Every figure of a quality row, in the order in which people read them."""
    return [_show(each, row) for each in FIGURES]


def short_row(row: Mapping[str, Any]) -> str:
    """The figures that a reply has room for: "geometry 98 %, text 100 %, …"."""
    wanted = ("Geometry", "Text", "Behaviour tests", "Style tests", "Accessibility")
    told = {each.label: each for each in show_figures(row)}
    return ", ".join(
        f"{name.lower()} {told[name].value}"
        for name in wanted
        if told[name].value != "not measured"
    )


def _show(figure: Figure, row: Mapping[str, Any]) -> Shown:
    values = [row.get(name) for name in figure.names]
    verdict: Verdict
    if any(value is None for value in values):
        text, verdict = "not measured", "not_measured"
    else:
        text = figure.show(*values)
        is_good = figure.is_good
        verdict = "info" if is_good is None else "good" if is_good(*values) else "bad"
    return Shown(figure.label, text, figure.meaning, figure.wanted, verdict)

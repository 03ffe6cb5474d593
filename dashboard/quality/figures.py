"""The tiles of the page Quality, each with its definition and the rows that add up to it."""

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data.grounding_course import GROUNDING, read_grounding, with_numbers
from dashboard.data.view import View
from dashboard.parts import definitions, formats
from dashboard.parts.metric import Figure, Rows
from dashboard.parts.tiles import Tile
from dashboard.quality import queries

GROUNDED = definitions.metric("quality.grounded")
TAKEN_SHARE = definitions.metric("quality.taken_share")
COUNTS = {name: definitions.metric(f"quality.{name}") for name in queries.OUTCOMES}
KNOWN = queries.OUTCOMES[:3]


def figures(operator: Operator, view: View) -> list[Tile]:
    """Every tile of the page, in order."""
    earlier = view.before()
    rows = queries.read_course(operator, view)
    past = queries.read_course(operator, earlier) if earlier else None
    return [
        _grounded(operator, view, earlier),
        _taken_share(rows, past),
        *(_count(operator, view, name, rows, past) for name in queries.OUTCOMES),
    ]


def course_rows(rows: pd.DataFrame) -> Rows:
    """The steps, with the four counts and the taken share in the footer."""
    footer: dict[str, int | float | None] = {
        name: int(rows[name].sum()) for name in queries.OUTCOMES
    }
    return Rows(rows, {**footer, TAKEN_SHARE.name: taken_share(rows)})


def taken_share(rows: pd.DataFrame) -> float | None:
    """Taken of the known outcomes; None if none is known."""
    known = int(rows[KNOWN].to_numpy().sum())
    return int(rows["taken"].sum()) / known if known else None


def dispute_rows(rows: pd.DataFrame) -> Rows:
    return Rows(rows.assign(disputed=1), {"disputed": len(rows)})


def _grounded(operator: Operator, view: View, earlier: View | None) -> Tile:
    rows = read_grounding(operator, view)
    past = read_grounding(operator, earlier) if earlier else None
    grounded, whole = int(rows["grounded"].sum()), int(with_numbers(rows).sum())
    share = grounded / whole if whole else None
    before = None
    if past is not None and with_numbers(past).sum():
        before = float(past["grounded"].sum() / with_numbers(past).sum())
    counts: dict[str, int | float | None] = {name: int(rows[name].sum()) for name in GROUNDING[1:]}
    course = view.values_of(rows["at"], rows["grounded"] / with_numbers(rows))
    figure = Figure(share, before, course, part=grounded, whole=whole, note=likely(grounded, whole))
    return GROUNDED, figure, lambda: Rows(rows, {**counts, GROUNDED.name: share})


def _taken_share(rows: pd.DataFrame, past: pd.DataFrame | None) -> Tile:
    taken, known = int(rows["taken"].sum()), int(rows[KNOWN].to_numpy().sum())
    figure = Figure(
        taken_share(rows),
        taken_share(past) if past is not None else None,
        part=taken,
        whole=known,
        note=likely(taken, known),
    )
    return TAKEN_SHARE, figure, lambda: course_rows(rows)


def _count(
    operator: Operator, view: View, name: str, rows: pd.DataFrame, past: pd.DataFrame | None
) -> Tile:
    figure = Figure(
        int(rows[name].sum()),
        int(past[name].sum()) if past is not None else None,
        view.counts_of(rows["at"], rows[name]),
    )
    if name == "disputed":
        return COUNTS[name], figure, lambda: dispute_rows(queries.read_disputes(operator, view))
    return COUNTS[name], figure, lambda: course_rows(rows)


def likely(part: int, whole: int) -> str:
    """The 95 % interval of a share, and of how many cases it is: few are in the share itself."""
    if not whole:
        return ""
    of = f", of {formats.count(whole)}" if whole >= formats.SMALL_SAMPLE else ""
    return f"{formats.likely(part, whole)}{of}"

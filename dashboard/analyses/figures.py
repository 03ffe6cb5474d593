"""The tiles of the page Analyses, each with its definition and the rows that add up to it."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.analyses import queries
from dashboard.data.view import View
from dashboard.parts import definitions, formats
from dashboard.parts.analysis_words import OUTCOMES, type_of
from dashboard.parts.answer_table import reason_of
from dashboard.parts.metric import Figure, Metric, Rows
from dashboard.parts.tiles import Opens, Tile

DONE = definitions.metric("analyses.done")
CACHED = definitions.metric("analyses.cache_share")
FALLBACK = definitions.metric("analyses.fallback_share")
ERRORS = definitions.metric("analyses.error_rate")
REFUSED = definitions.metric("analyses.refused")
MEDIAN = definitions.metric("analyses.median")
SLOW = definitions.metric("analyses.slow")
BATCHES = definitions.metric("analyses.batches")
SUGGESTED = definitions.metric("analyses.suggested")
TAKEN = definitions.metric("analyses.taken")
COST = definitions.metric("analyses.cost")
EACH = definitions.metric("analyses.cost_each")
DEFINED = ("model", "measured", "cached")


@dataclass(frozen=True)
class Board:
    """What the tiles and charts of one view are counted from."""

    operator: Operator
    view: View
    course: pd.DataFrame

    # Each tile asks for it several times.
    @cached_property
    def wide(self) -> pd.DataFrame:
        """One row per step and type with a column for each outcome, and `done`."""
        return wide(self.course)

    def total(self, column: str) -> int:
        return int(self.wide[column].sum())

    def per_step(self, column: str) -> list[float]:
        """The sum of each step of the view; 0 where nothing ended."""
        if self.wide.empty:
            return []
        sums = self.wide.groupby("at")[column].sum()
        return [float(sums.get(at, 0)) for at in self.starts()]

    def starts(self) -> list[pd.Timestamp]:
        start = pd.Timestamp(self.view.start)
        return [max(each, start).tz_convert("UTC") for each in self.view.buckets()]


def board(operator: Operator, view: View) -> Board:
    return Board(operator, view, queries.read_course(operator, view))


def wide(course: pd.DataFrame) -> pd.DataFrame:
    """Rows of `queries.read_course` with one column for each outcome and `done`."""
    if course.empty:
        counted = ("done", *OUTCOMES)
        return pd.DataFrame({"at": [], "type": [], **{each: [] for each in counted}})
    table = course.pivot_table(
        index=["at", "type"], columns="outcome", values="analyses", aggfunc="sum", fill_value=0
    ).reindex(columns=list(OUTCOMES), fill_value=0)
    table = table.astype("int64")
    table.insert(0, "done", table[list(DEFINED)].sum(axis=1))
    table = table.reset_index()
    table.columns.name = None
    return table


def figures(operator: Operator, view: View) -> list[Tile]:
    """Every tile of the page, in order. What analyses cost is for founders."""
    now, earlier = board(operator, view), view.before()
    past = board(operator, earlier) if earlier else None
    tiles = [
        _done(now, past),
        _share(now, past, CACHED, "cached", DEFINED),
        _share(now, past, FALLBACK, "measured", ("model", "measured")),
        _share(now, past, ERRORS, "failed", ("model", "measured", "failed")),
        _refused(now, past),
        *_times(operator, view, earlier),
        _batches(operator, view, earlier),
        *_suggestions(operator, view, earlier),
    ]
    if operator.may_see_costs_of_answers:
        tiles += _costs(now, past)
    return tiles


def by_step(now: Board, *columns: str) -> Opens:
    """Rows per step and type with these columns, those without any left out."""

    def opens() -> Rows:
        rows = now.wide[["at", "type", *columns]]
        rows = rows[rows[list(columns)].sum(axis=1) > 0].reset_index(drop=True)
        return Rows(rows, {column: now.total(column) for column in columns})

    return opens


def refusal_rows(now: Board) -> Rows:
    rows = now.course[now.course["outcome"] == "refused"]
    rows = rows[["at", "type", "reason", "analyses"]].rename(columns={"analyses": "refused"})
    rows.insert(3, "why", [reason_of(code, "") for code in rows["reason"]])
    return Rows(rows.reset_index(drop=True), {"refused": now.total("refused")})


def rules(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per rule; those of which it is surest that nobody takes them come first.

    That is the upper end of the interval of applied ÷ with_change, the lowest first. Rules that
    never had a change to apply come last, the most ignored of them first.
    """
    counts = queries.SUGGESTIONS[2:]
    table = rows.groupby("rule", as_index=False)[counts].sum().astype(dict.fromkeys(counts, int))
    ends = [
        formats.interval(applied, whole)[1] if whole else 2.0
        for applied, whole in zip(table["applied"], table["with_change"], strict=True)
    ]
    table["upper"] = ends
    table = table.sort_values(["upper", "ignored", "rule"], ascending=[True, False, True])
    return table.reset_index(drop=True)


def suggestion_rows(rows: pd.DataFrame) -> Rows:
    counts = queries.SUGGESTIONS[2:]
    footer: dict[str, int | float | None] = {each: int(rows[each].sum()) for each in counts}
    whole = int(rows["with_change"].sum())
    taken = rows.assign(taken=rows["applied"] / max(whole, 1))
    return Rows(taken, {**footer, "taken": footer["applied"] / whole if whole else None})  # type: ignore[operator]


def _done(now: Board, past: Board | None) -> Tile:
    batched = int(now.course.loc[now.course["outcome"].isin(DEFINED), "in_batches"].sum())
    figure = Figure(
        now.total("done"),
        past.total("done") if past else None,
        now.per_step("done"),
        note=f"{formats.count(batched)} in batches" if batched else "",
    )
    return DONE, figure, by_step(now, "done", *DEFINED)


def _share(
    now: Board, past: Board | None, metric: Metric, part: str, whole: tuple[str, ...]
) -> Tile:
    def of(board: Board) -> tuple[int, int]:
        return board.total(part), sum(board.total(each) for each in whole)

    def share(board: Board) -> float | None:
        some, every = of(board)
        return some / every if every else None

    def opens() -> Rows:
        rows = by_step(now, *whole)()
        some, every = of(now)
        frame = rows.frame.assign(**{metric.name: rows.frame[part] / max(every, 1)})
        return Rows(frame, {**rows.footer, metric.name: some / every if every else None})

    some, every = of(now)
    parts, wholes = now.per_step(part), [now.per_step(each) for each in whole]
    course = [p / sum(w) if sum(w) else None for p, *w in zip(parts, *wholes, strict=True)]
    figure = Figure(
        share(now),
        share(past) if past else None,
        course,
        some,
        every,
        note=formats.cases(some, every),
    )
    return metric, figure, opens


def _refused(now: Board, past: Board | None) -> Tile:
    rows = now.course[now.course["outcome"] == "refused"]
    fast = int(rows.loc[rows["reason"] == "rate_limited", "analyses"].sum())
    figure = Figure(
        now.total("refused"),
        past.total("refused") if past else None,
        now.per_step("refused"),
        note=f"{formats.count(fast)} too fast" if fast else "",
    )
    return REFUSED, figure, lambda: refusal_rows(now)


def _times(operator: Operator, view: View, earlier: View | None) -> list[Tile]:
    rows = queries.read_times(operator, view)
    past = queries.read_times(operator, earlier) if earlier else None
    steps = rows[rows["at"].notna()].reset_index(drop=True)
    count = _whole(rows, "analyses") or 0

    def tile(metric: Metric) -> Tile:
        value = _whole(rows, metric.name)
        figure = Figure(
            value,
            _whole(past, metric.name) if past is not None else None,
            [float(each) for each in steps[metric.name]],
        )
        footer: dict[str, int | float | None] = {"analyses": count, metric.name: value}
        return metric, figure, lambda: Rows(steps[["at", "analyses", metric.name]], footer)

    return [tile(MEDIAN), tile(SLOW)]


def _whole(rows: pd.DataFrame, column: str) -> int | None:
    """The value of the whole period; None if nothing was measured."""
    found = rows.loc[rows["at"].isna(), column]
    return None if found.empty else int(found.iloc[0])


def _batches(operator: Operator, view: View, earlier: View | None) -> Tile:
    rows = queries.read_batches(operator, view)
    items = int(rows["items"].sum())
    past = len(queries.read_batches(operator, earlier)) if earlier else None
    figure = Figure(len(rows), past, note=formats.counted(items, "selection") if items else "")
    footer: dict[str, int | float | None] = {
        each: int(rows[each].sum()) for each in queries.BATCHES[3:]
    }
    return BATCHES, figure, lambda: Rows(rows.assign(batches=1), {**footer, "batches": len(rows)})


def _suggestions(operator: Operator, view: View, earlier: View | None) -> list[Tile]:
    rows = queries.read_suggestions(operator, view)
    past = queries.read_suggestions(operator, earlier) if earlier else None
    applied, whole = int(rows["applied"].sum()), int(rows["with_change"].sum())
    before = None
    if past is not None and past["with_change"].sum():
        before = float(past["applied"].sum() / past["with_change"].sum())
    figure = Figure(
        applied / whole if whole else None, before, part=applied, whole=whole,
        note=formats.cases(applied, whole),
    )  # fmt: skip
    past_whole = None if past is None else int(past["with_change"].sum())

    def opens() -> Rows:
        return suggestion_rows(rows)

    return [(SUGGESTED, Figure(whole, past_whole), opens), (TAKEN, figure, opens)]


def _costs(now: Board, past: Board | None) -> list[Tile]:
    rows = queries.read_costs(now.operator, now.view)
    old = queries.read_costs(past.operator, past.view) if past else None
    total, unpriced = int(rows["cost_microusd"].sum()), int(rows["unpriced"].sum())
    course = rows.groupby("at")["cost_microusd"].sum()
    cost = Figure(
        total,
        int(old["cost_microusd"].sum()) if old is not None else None,
        [float(course.get(at, 0)) for at in now.starts()] if len(course) else [],
        note=f"{formats.count(unpriced)} unpriced" if unpriced else "",
    )
    footer: dict[str, int | float | None] = {"unpriced": unpriced, "cost_microusd": total}
    each = Figure(
        cost_each(now, rows),
        cost_each(past, old) if past and old is not None else None,
        note=f"of {formats.count(now.total('model'))} by a model" if now.total("model") else "",
    )

    def opens() -> Rows:
        written = now.wide.groupby("at")["model"].sum().rename("written")
        spent = rows.groupby("at")[["unpriced", "cost_microusd"]].sum()
        table = pd.concat([written, spent], axis=1).fillna(0).astype("int64").reset_index()
        return Rows(
            table.rename(columns={"index": "at"}),
            {"written": now.total("model"), **footer, EACH.name: each.value},
        )

    return [(COST, cost, lambda: Rows(rows, footer)), (EACH, each, opens)]


def cost_each(board: Board, costs: pd.DataFrame) -> float | None:
    """Micro-dollars for each analysis that a model wrote for a known price."""
    priced = board.total("model") - int(costs["unpriced"].sum())
    return int(costs["cost_microusd"].sum()) / priced if priced > 0 else None


def types_of(now: Board) -> pd.DataFrame:
    """Done analyses by type in words, the most frequent first."""
    table = now.wide.groupby("type", as_index=False)[["done", *DEFINED]].sum()
    table = table[table["done"] > 0].sort_values("done", ascending=False)
    return table.assign(name=[type_of(code) for code in table["type"]]).reset_index(drop=True)

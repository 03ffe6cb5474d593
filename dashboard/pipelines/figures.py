"""The tiles of the page Pipelines, each with its definition and the rows that add up to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data.view import View
from dashboard.parts import definitions, formats
from dashboard.parts.metric import Figure, Metric, Rows
from dashboard.parts.pipeline_words import OUTCOMES, cause_of, stage_of
from dashboard.parts.tiles import Tile
from dashboard.pipelines import queries
from service.pipelines.sentences import STAGES

STARTED = definitions.metric("pipelines.started")
ENDED = definitions.metric("pipelines.ended")
SUCCESS = definitions.metric("pipelines.success")
MODEL_USED = definitions.metric("pipelines.model_used")
FAILED = definitions.metric("pipelines.failed")
UNGATED = definitions.metric("pipelines.ungated")
REFUSED = definitions.metric("pipelines.refused")
CANCELLED = definitions.metric("pipelines.cancelled")
MEDIAN = definitions.metric("pipelines.median")
SLOW = definitions.metric("pipelines.slow")
WAITING = definitions.metric("pipelines.waiting")
RUNNING = definitions.metric("pipelines.running")
COST = definitions.metric("pipelines.cost")
COST_MEDIAN = definitions.metric("pipelines.cost_median")
COST_SLOW = definitions.metric("pipelines.cost_slow")
# What success is a share of.
CASES = ("gated", "not_passed", "untested", "failed")
# The ends that have a cause.
CAUSED = ("not_passed", "untested", "failed", "refused")
Footer = dict[str, int | float | None]


@dataclass(frozen=True)
class Board:
    """What the tiles and charts of one view are counted from."""

    operator: Operator
    view: View
    course: pd.DataFrame
    measures: pd.DataFrame

    @property
    def ended(self) -> pd.DataFrame:
        return self.course[self.course["outcome"] != "started"]

    def of(self, *outcomes: str) -> pd.DataFrame:
        return self.course[self.course["outcome"].isin(outcomes)]

    def total(self, *outcomes: str, column: str = "pipelines") -> int:
        return int(self.of(*outcomes)[column].sum())

    def per_step(self, *outcomes: str, column: str = "pipelines") -> list[float]:
        """The sum of each step of the view; 0 where there was nothing."""
        rows = self.of(*outcomes)
        if rows.empty:
            return []
        sums = rows.groupby("at")[column].sum()
        return [float(sums.get(at, 0)) for at in self.starts()]

    def starts(self) -> list[pd.Timestamp]:
        start = pd.Timestamp(self.view.start)
        return [max(each, start).tz_convert("UTC") for each in self.view.buckets()]

    def steps_of(self, measure: str) -> pd.DataFrame:
        rows = self.measures[self.measures["at"].notna() & (self.measures["measure"] == measure)]
        return rows.reset_index(drop=True)

    def whole(self, measure: str, column: str) -> int | float | None:
        """The value of the whole period; None if nothing was measured."""
        rows = self.measures[self.measures["at"].isna() & (self.measures["measure"] == measure)]
        value = None if rows.empty else rows[column].iloc[0]
        return None if value is None or pd.isna(value) else value

    @property
    def hours(self) -> float:
        """Of the period, until now if it is not over."""
        end = min(self.view.end, self.view.now)
        return max((end - self.view.start).total_seconds() / 3600, 1.0)


def board(operator: Operator, view: View) -> Board:
    return Board(
        operator, view, queries.read_course(operator, view), queries.read_measures(operator, view)
    )


def figures(operator: Operator, view: View, now: Board) -> list[Tile]:
    """Every tile about the period, in order. What pipelines cost is for founders."""
    earlier = view.before()
    past = board(operator, earlier) if earlier else None
    tiles = [
        _count(now, past, STARTED, ("started",), per_hour=True),
        _count(now, past, ENDED, tuple(OUTCOMES), per_hour=True),
        _share(now, past, SUCCESS, CASES, "pipelines"),
        _share(now, past, MODEL_USED, ("gated",), "with_model"),
        _count(now, past, FAILED, ("failed",)),
        _count(now, past, UNGATED, ("not_passed", "untested")),
        _count(now, past, REFUSED, ("refused",)),
        _count(now, past, CANCELLED, ("cancelled",)),
        _measured(now, past, MEDIAN, "run", "p50"),
        _measured(now, past, SLOW, "run", "p95"),
    ]
    if operator.may_see_costs_of_answers:
        tiles += [
            _cost(now, past),
            _measured(now, past, COST_MEDIAN, "cost", "p50"),
            _measured(now, past, COST_SLOW, "cost", "p95"),
        ]
    return tiles


def queue_tiles(queue: pd.DataFrame, now: datetime) -> list[Tile]:
    """How many wait and run at this moment, by team."""
    waiting, running = int(queue["waiting"].sum()), int(queue["running"].sum())
    since = queue["waits_since"].dropna()
    oldest = f"oldest {formats.age((now - since.min()).total_seconds())}" if len(since) else ""
    rows = Rows(queue, {"waiting": waiting, "running": running})
    teams = formats.counted(int((queue["running"] > 0).sum()), "team") if running else ""
    return [
        (WAITING, Figure(waiting, note=oldest or "nobody waits"), lambda: rows),
        (RUNNING, Figure(running, note=f"of {teams}" if teams else ""), lambda: rows),
    ]


def course_rows(now: Board) -> Rows:
    """Every step with its ends, in words, for the chart."""
    rows = now.ended.reset_index(drop=True)
    named = rows.assign(outcome=[OUTCOMES[each][1] for each in rows["outcome"]])
    return Rows(named, {"pipelines": now.total(*OUTCOMES)})


def stage_rows(now: Board) -> pd.DataFrame:
    """Columns stage, name, runs, p50, p95, mean of the whole period, in the order of stages."""
    rows = now.measures[now.measures["at"].isna() & now.measures["measure"].isin(STAGES)]
    rows = rows.rename(columns={"measure": "stage", "cases": "runs"})
    rows = rows.assign(place=[STAGES.index(each) for each in rows["stage"]]).sort_values("place")
    rows = rows.assign(name=[stage_of(each) for each in rows["stage"]])
    return rows[["stage", "name", "runs", "mean", "p50", "p95"]].reset_index(drop=True)


def causes(now: Board) -> pd.DataFrame:
    """Columns outcome, cause, stage, pipelines, share, why; the most frequent first."""
    rows = now.of(*CAUSED)
    rows = rows.groupby(["outcome", "cause", "stage"], as_index=False)["pipelines"].sum()
    cases = now.total(*CASES)
    rows["share"] = [
        None if outcome == "refused" or not cases else count / cases
        for outcome, count in zip(rows["outcome"], rows["pipelines"], strict=True)
    ]
    pairs = zip(rows["outcome"], rows["cause"], strict=True)
    rows["why"] = [cause_of(code) or OUTCOMES[outcome][1] for outcome, code in pairs]
    rows = rows.sort_values(["pipelines", "cause"], ascending=[False, True])
    return rows.reset_index(drop=True)


def quality_rows(now: Board, names: Sequence[str]) -> Rows:
    """The means per step of these figures, with the number of cases."""
    rows = now.measures[now.measures["at"].notna() & now.measures["measure"].isin(names)]
    rows = rows[["at", "measure", "cases", "total", "mean"]].reset_index(drop=True)
    return Rows(rows, {"cases": int(rows["cases"].sum()), "total": float(rows["total"].sum())})


def _count(
    now: Board,
    past: Board | None,
    metric: Metric,
    outcomes: tuple[str, ...],
    *,
    per_hour: bool = False,
) -> Tile:
    total = now.total(*outcomes)
    note = pace(total, now.hours) if per_hour and total else ""
    figure = Figure(
        total, past.total(*outcomes) if past else None, now.per_step(*outcomes), note=note
    )

    def opens() -> Rows:
        rows = now.of(*outcomes).rename(columns={"pipelines": metric.name})
        return Rows(rows.reset_index(drop=True), {metric.name: total})

    return metric, figure, opens


def _share(
    now: Board, past: Board | None, metric: Metric, whole: tuple[str, ...], column: str
) -> Tile:
    """Of the ends in `whole`: those that are gated, or gated with what a model made."""

    def of(each: Board) -> tuple[int, int]:
        return each.total("gated", column=column), each.total(*whole)

    def share(each: Board) -> float | None:
        some, every = of(each)
        return some / every if every else None

    some, every = of(now)
    parts, wholes = now.per_step("gated", column=column), now.per_step(*whole)
    parts = parts or [0.0] * len(wholes)
    course = [p / w if w else None for p, w in zip(parts, wholes, strict=False)]
    figure = Figure(
        share(now),
        share(past) if past else None,
        course,
        some,
        every,
        note=formats.cases(some, every),
    )

    def opens() -> Rows:
        rows = now.of(*whole)[["at", "outcome", "cause", "pipelines", "with_model"]]
        is_part = rows["outcome"] == "gated"
        frame = rows.assign(**{metric.name: rows[column].where(is_part, 0) / max(every, 1)})
        footer: Footer = {
            "pipelines": every, "with_model": now.total(*whole, column="with_model"),
            metric.name: some / every if every else None,
        }  # fmt: skip
        return Rows(frame.reset_index(drop=True), footer)

    return metric, figure, opens


def _measured(now: Board, past: Board | None, metric: Metric, measure: str, column: str) -> Tile:
    """A percentile of times or costs, which is no sum of its steps."""
    steps, value = now.steps_of(measure), now.whole(measure, column)
    count = int(now.whole(measure, "cases") or 0)
    figure = Figure(
        value,
        past.whole(measure, column) if past else None,
        [float(each) for each in steps[column]],
        note=f"of {formats.counted(count, 'run')}" if count else "",
    )

    def opens() -> Rows:
        rows = steps[["at", "cases", column]]
        named = rows.rename(columns={"cases": "runs", column: metric.name})
        return Rows(named, {"runs": count, metric.name: value})

    return metric, figure, opens


def _cost(now: Board, past: Board | None) -> Tile:
    rows = queries.read_costs(now.operator, now.view)
    old = queries.read_costs(past.operator, past.view) if past else None
    total, unpriced = int(rows["cost_microusd"].sum()), int(rows["unpriced"].sum())
    course = rows.groupby("at")["cost_microusd"].sum()
    figure = Figure(
        total,
        int(old["cost_microusd"].sum()) if old is not None else None,
        [float(course.get(at, 0)) for at in now.starts()] if len(course) else [],
        note=f"{formats.count(unpriced)} unpriced" if unpriced else "",
    )
    footer: Footer = {
        "calls": int(rows["calls"].sum()), "unpriced": unpriced, "cost_microusd": total,
    }  # fmt: skip
    return COST, figure, lambda: Rows(rows, footer)


def pace(total: int, hours: float) -> str:
    """How many an hour, or in so long a time that it is no 0; nothing where only the whole period
    has one."""
    spans = ((1, "an hour"), (24, "a day"), (24 * 7, "a week"), (24 * 30, "in 30 days"))
    rates = [(total / hours * length, words) for length, words in spans if length < hours]
    return next((f"{rate:,.1f} {words}" for rate, words in rates if rate >= 0.95), "")

"""The overview's metrics, each with its definition, its figure and the rows behind it."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from dashboard.access.auth import Operator
from dashboard.data.view import View
from dashboard.overview import charts as overview_charts
from dashboard.overview import queries
from dashboard.overview.queries import Overview, Totals
from dashboard.parts import definitions, formats
from dashboard.parts.metric import Figure, Rows
from dashboard.parts.tiles import Opens, Tile

Chart = tuple[str, str, str, Callable[..., go.Figure], Opens]

MRR = definitions.metric("overview.mrr")
PAYING = definitions.metric("overview.paying")
ACTIVE = definitions.metric("overview.active")
CONVERSION = definitions.metric("overview.conversion")
ANSWERS = definitions.metric("overview.answers")
ANALYSES = definitions.metric("overview.analyses")
PIPELINES = definitions.metric("overview.pipelines")
COST = definitions.metric("overview.cost")
MARGIN = definitions.metric("overview.margin")
MULTIPLE = definitions.metric("overview.multiple")
ERRORS = definitions.metric("overview.error_rate")
LATENCY = definitions.metric("overview.latency")


@dataclass(frozen=True)
class Board:
    """The data of the tiles; `before` is None when nothing is compared."""

    operator: Operator
    view: View
    now: Overview
    before: Totals | None

    def business(self) -> list[Tile]:
        totals, steps = self.now.totals, self.now.steps
        return [
            (MRR, self._sum("mrr_microusd"), self._subscriptions),
            (PAYING, self._sum("paying"), self._subscriptions),
            (ACTIVE, self._sum("active_users", self._whole_days()), self._people),
            (
                CONVERSION,
                Figure(
                    totals.conversion,
                    self._earlier("conversion"),
                    _running_share(steps["trials_converted"], steps["trials_started"]),
                    part=totals.trials_converted,
                    whole=totals.trials_started,
                    note=formats.cases(totals.trials_converted, totals.trials_started, "trials"),
                ),
                self._trials,
            ),
            (
                MARGIN,
                Figure(
                    totals.gross_margin,
                    self._earlier("gross_margin"),
                    _shares(steps["gross_profit_microusd"], steps["revenue_microusd"]),
                    note=f"of {formats.money(totals.revenue_microusd)}"
                    if totals.revenue_microusd
                    else "",
                ),
                self._money,
            ),
            (
                MULTIPLE,
                Figure(
                    totals.revenue_per_cost,
                    self._earlier("revenue_per_cost"),
                    _shares(steps["revenue_microusd"], steps["cost_microusd"]),
                ),
                self._money,
            ),
        ]

    def product(self) -> list[Tile]:
        totals, steps = self.now.totals, self.now.steps
        cases = totals.answers + totals.failed
        unpriced = f"{formats.count(totals.unpriced)} unpriced" if totals.unpriced else "all priced"
        return [
            (ANSWERS, self._sum("answers", f"{formats.count(totals.refused)} refused"),
             self._steps("answers")),
            self._analyses(),
            self._pipelines(),
            (COST, self._sum("cost_microusd", unpriced), self._steps("cost_microusd", "unpriced")),
            (
                ERRORS,
                Figure(
                    totals.error_rate,
                    self._earlier("error_rate"),
                    _listed(steps["error_rate"]),
                    totals.failed,
                    cases,
                    formats.cases(totals.failed, cases),
                ),
                self._steps("failed", "answers", "error_rate"),
            ),
            (LATENCY, self._sum("latency_p95_ms", "to reply"),
             self._steps("answers", "latency_p95_ms")),
        ]  # fmt: skip

    def charts(self) -> list[Chart]:
        """(name, title, definition, how it is drawn, its rows) of each."""
        step = self.view.step
        return [
            (
                "comments",
                f"Comments per {step}",
                definitions.explain("overview.comments"),
                overview_charts.outcomes,
                self._steps("answers", "refused", "failed"),
            ),
            (
                "money",
                f"Revenue and AI cost per {step}",
                definitions.explain("overview.revenue_and_cost"),
                overview_charts.money,
                self._money,
            ),
        ]

    def _analyses(self) -> Tile:
        earlier = self.view.before()
        rows, past = done_analyses(self.operator, self.view), None
        if earlier:
            past = int(done_analyses(self.operator, earlier)["analyses"].sum())
        total = int(rows["analyses"].sum())
        course = self.view.counts_of(rows["at"], rows["analyses"])
        cached = int(rows.loc[rows["outcome"] == "cached", "analyses"].sum())
        note = f"{formats.count(cached)} cached" if cached else ""
        figure = Figure(total, past, course, note=note)
        return ANALYSES, figure, lambda: Rows(rows, {"analyses": total})

    def _pipelines(self) -> Tile:
        earlier = self.view.before()
        rows, past = gated_pipelines(self.operator, self.view), None
        if earlier:
            past = int(gated_pipelines(self.operator, earlier)["pipelines"].sum())
        total, with_model = int(rows["pipelines"].sum()), int(rows["with_model"].sum())
        course = self.view.counts_of(rows["at"], rows["pipelines"])
        note = f"{formats.count(with_model)} by a model" if with_model else ""
        figure = Figure(total, past, course, note=note)
        footer: dict[str, int | float | None] = {"pipelines": total, "with_model": with_model}
        return PIPELINES, figure, lambda: Rows(rows, footer)

    def _whole_days(self) -> str:
        """Their own window, where it is not the period's."""
        if self.view.step != "hour":
            return ""
        return f"whole days, {self.view.first_day:%-d} to {self.view.last_day:%-d %b}"

    def _sum(self, name: str, note: str = "") -> Figure:
        course = _listed(self.now.steps[name])
        return Figure(getattr(self.now.totals, name), self._earlier(name), course, note=note)

    def _earlier(self, name: str) -> int | float | None:
        return getattr(self.before, name) if self.before else None

    def _steps(self, *columns: str) -> Opens:
        totals = self.now.totals
        footer = {column: getattr(totals, column) for column in columns}
        return lambda: Rows(self.now.steps[["at", *columns]], footer)

    def _money(self) -> Rows:
        totals = self.now.totals
        rows = self.now.steps[
            ["at", "revenue_microusd", "cost_microusd", "gross_profit_microusd"]
        ].copy()
        rows["gross_margin"] = rows["gross_profit_microusd"] / rows["revenue_microusd"]
        rows["revenue_per_cost"] = rows["revenue_microusd"] / rows["cost_microusd"]
        return Rows(
            rows,
            {
                "revenue_microusd": totals.revenue_microusd,
                "cost_microusd": totals.cost_microusd,
                "gross_profit_microusd": totals.revenue_microusd - totals.cost_microusd,
                "gross_margin": totals.gross_margin,
                "revenue_per_cost": totals.revenue_per_cost,
            },
        )

    def _subscriptions(self) -> Rows:
        totals = self.now.totals
        rows = queries.read_subscriptions(self.operator, self.view)
        return Rows(rows, {"seats": totals.paying, "mrr_microusd": totals.mrr_microusd})

    def _people(self) -> Rows:
        rows = queries.read_people(self.operator, self.view)
        rows.insert(3, "active_users", 1)
        return Rows(rows, {"active_users": self.now.totals.active_users})

    def _trials(self) -> Rows:
        totals = self.now.totals
        rows = queries.read_trials(self.operator, self.view)
        rows["started"] = 1
        rows["converted"] = rows["paid_at"].notna().astype(int)
        return Rows(rows, {"started": totals.trials_started, "converted": totals.trials_converted})


def done_analyses(operator: Operator, view: View) -> pd.DataFrame:
    """Columns at, type, outcome, analyses: neither refused, failed nor cancelled ones."""
    rows = queries.read_analyses(operator, view)
    rows = rows[rows["outcome"].isin(["model", "measured", "cached"])]
    return rows[["at", "type", "outcome", "analyses"]].reset_index(drop=True)


def gated_pipelines(operator: Operator, view: View) -> pd.DataFrame:
    """Columns at, pipelines, with_model: those that ended with a component that is proven."""
    rows = queries.read_pipelines(operator, view)
    rows = rows[rows["outcome"] == "gated"]
    return rows[["at", "pipelines", "with_model"]].reset_index(drop=True)


def _listed(course: pd.Series) -> list[float | None]:
    return [None if pd.isna(each) else float(each) for each in course]


def _running_share(part: pd.Series, whole: pd.Series) -> list[float | None]:
    """The cumulative share up to each step; None while there are few cases."""
    until = whole.cumsum()
    return _listed((part.cumsum() / until).where(until >= formats.SMALL_SAMPLE))


def _shares(part: pd.Series, whole: pd.Series) -> list[float | None]:
    return [float(p / w) if w else None for p, w in zip(part, whole, strict=True)]

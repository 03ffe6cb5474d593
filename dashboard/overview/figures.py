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
from dashboard.parts import formats
from dashboard.parts.metric import Figure, Metric, Rows
from dashboard.parts.tiles import Opens, Tile

Chart = tuple[str, str, str, Callable[..., go.Figure], Opens]

MRR = Metric(
    "mrr_microusd",
    "MRR",
    "Monthly recurring revenue: seats × monthly price of every subscription in force at the end "
    "of the period, or now. Free plans, tax and one-off amounts are not in it.",
    "money",
)
PAYING = Metric("seats", "Paying users", "Paid seats at the end of the period, or now; a personal "
    "plan is one seat.")  # fmt: skip
ACTIVE = Metric("active_users", "Active users", "People who got at least one answer, by whole days "
    "that the period touches. Commands such as `@buddy help` count here. A team's people are those "
    "who are in it now.")  # fmt: skip
CONVERSION = Metric(
    "converted",
    "Trial conversion",
    "Of the people whose first answer, on the trial, came in this period: those who (or whose "
    "team) began to pay before its end. Rises for a while after the period. Plans do not narrow "
    "it. The line: the same of those whose first answer had come by then, from the "
    f"{formats.SMALL_SAMPLE}th person on. Below "
    f"{formats.SMALL_SAMPLE} people the people are shown, with a 95 % interval.",
    "share",
)
ANSWERS = Metric(
    "answers",
    "Answers",
    "Comments answered with a posted reply. Commands such as `@buddy help` and refusals are not "
    "answers.",
)
COST = Metric(
    "cost_microusd",
    "AI cost",
    "What the models cost: reported by the provider, or priced from its list, with later "
    "re-pricing counted in. Calls without a known price are not in the sum; they are counted "
    "below it.",
    "money",
    "neither",
)
MARGIN = Metric(
    "gross_margin",
    "Gross margin",
    "(Revenue − AI cost) ÷ revenue. Revenue of a day is MRR at its start ÷ days of its month, "
    "summed over the days that start in the period.",
    "share",
)
MULTIPLE = Metric("revenue_per_cost", "Revenue ÷ inference", "Revenue ÷ AI cost of the same "
    "period. Above 5 is healthy, below 3 a problem.", "ratio")  # fmt: skip
ERRORS = Metric(
    "error_rate",
    "Error rate",
    "Failed ÷ (answered + failed), of the comments that were to be answered. A failure ended "
    "without a reply and without a charge. Commands, refusals and invitations are in neither. "
    f"Below {formats.SMALL_SAMPLE} cases the cases are shown, with a 95 % interval.",
    "share",
    "down",
)
LATENCY = Metric(
    "latency_p95_ms",
    "Answer time, p95",
    "19 of 20 answers were posted within this time, from the arrival of Figma's webhook to the "
    "posted reply. The rows give it per step; it is no sum of them.",
    "ms",
    "down",
)


@dataclass(frozen=True)
class Board:
    """What the tiles are drawn from; `before` is None when nothing is compared."""

    operator: Operator
    view: View
    now: Overview
    before: Totals | None

    def business(self) -> list[Tile]:
        totals, steps = self.now.totals, self.now.steps
        return [
            (MRR, self._sum("mrr_microusd"), self._subscriptions),
            (PAYING, self._sum("paying"), self._subscriptions),
            (ACTIVE, self._sum("active_users"), self._people),
            (
                CONVERSION,
                Figure(
                    totals.conversion,
                    self._earlier("conversion"),
                    _running_share(steps["trials_converted"], steps["trials_started"]),
                    part=totals.trials_converted,
                    whole=totals.trials_started,
                    note=_of(totals.trials_converted, totals.trials_started, "trials"),
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
            (COST, self._sum("cost_microusd", unpriced), self._steps("cost_microusd", "unpriced")),
            (
                ERRORS,
                Figure(
                    totals.error_rate,
                    self._earlier("error_rate"),
                    _listed(steps["error_rate"]),
                    totals.failed,
                    cases,
                    _of(totals.failed, cases),
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
                "What became of the comments that asked: answered, refused (no use left, nobody to "
                "charge, or too many at once), or to be answered and failed.",
                overview_charts.outcomes,
                self._steps("answers", "refused", "failed"),
            ),
            (
                "money",
                f"Revenue and AI cost per {step}",
                f"{MARGIN.definition} {COST.definition}",
                overview_charts.money,
                self._money,
            ),
        ]

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


def _of(part: int, whole: int, what: str = "") -> str:
    """The cases behind a share; of few, with their 95 % interval."""
    if 0 < whole < formats.SMALL_SAMPLE:
        low, high = formats.interval(part, whole)
        return f"{low * 100:.0f}–{high * 100:.0f} % likely"
    return f"{formats.count(part)} of {formats.count(whole)} {what}".strip() if whole else ""


def _listed(course: pd.Series) -> list[float | None]:
    return [None if pd.isna(each) else float(each) for each in course]


def _running_share(part: pd.Series, whole: pd.Series) -> list[float | None]:
    """The share of all until each step, where that is of more than a few."""
    until = whole.cumsum()
    return _listed((part.cumsum() / until).where(until >= formats.SMALL_SAMPLE))


def _shares(part: pd.Series, whole: pd.Series) -> list[float | None]:
    return [float(p / w) if w else None for p, w in zip(part, whole, strict=True)]

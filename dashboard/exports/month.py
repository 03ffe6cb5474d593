"""The files of a month: statements, the raw ledger, MRR movements, and costs in FOCUS columns."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from dashboard import results
from dashboard.exports.writing import Ask, Export, Row, Usd, pages

STATEMENT_PAGE = 1000
LEDGER_PAGE = 5000
MONEY = ("fee", "overage", "credits", "adjustments", "due", "ai_cost", "margin")


@dataclass(frozen=True)
class Statement:
    """What one payer owes for a month; the next page begins after `key`."""

    key: str
    payer_kind: str
    payer_id: str | None
    payer_name: str
    plans: str
    seats: int
    uses: int
    included: int
    overage_uses: int
    fee_microusd: int
    overage_microusd: int
    credits_microusd: int
    adjustments_microusd: int
    due_microusd: int
    ai_cost_microusd: int
    margin_microusd: int
    unpriced: int


@dataclass(frozen=True)
class Movement:
    """A change of one payer's MRR; `plan_before` is None if there was no plan."""

    key: str
    at: str
    payer_name: str
    payer_id: str
    subscription_id: str | None
    kind: str
    plan_before: str | None
    plan_code: str | None
    seats: int
    before_microusd: int
    after_microusd: int


@dataclass(frozen=True)
class Cost:
    """What a model cost for one user, team and plan. `charge_month`: the month it belongs to."""

    key: str
    user_id: str | None
    user_name: str
    team_id: str | None
    team_name: str | None
    plan_code: str | None
    provider: str
    model: str
    charge_month: date
    charge_class: str
    calls: int
    tokens: int
    cost_microusd: int


def month_after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def statement_rows(ask: Ask, month: date) -> Iterator[tuple[Any, ...]]:
    def read(after: str) -> list[Statement]:
        parameters = {"p_month": f"{month}", "p_after": after, "p_limit": STATEMENT_PAGE}
        found = ask("billing_statement", parameters)
        return results.read_all(Statement, found, "billing_statement")

    for row in pages(read, lambda row: row.key, ""):
        yield (
            f"{month:%Y-%m}",
            row.payer_kind,
            row.payer_id,
            row.payer_name,
            row.plans,
            row.seats,
            row.uses,
            row.included,
            row.overage_uses,
            *(Usd(getattr(row, f"{each}_microusd")) for each in MONEY),
            row.unpriced,
        )


STATEMENT = Export(
    name="statements",
    columns=(
        "Month (UTC)", "Payer kind", "Payer id", "Payer", "Plans", "Seats", "Uses", "Included",
        "Overage uses", "Fee (USD)", "Overage (USD)", "Credits (USD)", "Adjustments (USD)",
        "Due (USD)", "AI cost (USD)", "Margin (USD)", "Unpriced calls",
    ),
    rows=statement_rows,
    sums=(
        "Seats", "Uses", "Included", "Overage uses", "Fee (USD)", "Overage (USD)", "Credits (USD)",
        "Adjustments (USD)", "Due (USD)", "AI cost (USD)", "Margin (USD)", "Unpriced calls",
    ),
)  # fmt: skip


def ledger_rows(ask: Ask, month: date) -> Iterator[tuple[Any, ...]]:
    def read(after: tuple[str, int]) -> list[list[Any]]:
        parameters = {
            "p_month": f"{month}",
            "p_after_at": after[0],
            "p_after_id": after[1],
            "p_limit": LEDGER_PAGE,
        }
        rows: list[list[Any]] = ask("export_ledger", parameters)
        return rows

    place = LEDGER_COLUMNS.index("cost (USD)")
    for row in pages(read, lambda row: (row[1], row[0]), ("-infinity", 0)):
        cost = row[place]
        row[place] = None if cost is None else Usd(cost)
        yield tuple(row)


LEDGER_COLUMNS = (
    "id", "at", "answer_id", "run", "feature", "status", "error_code", "user_id", "team_id",
    "plan_code", "receipt_id", "provider", "model", "input_tokens", "cached_input_tokens",
    "output_tokens", "reasoning_tokens", "cost (USD)", "cost_state", "price_name", "latency_ms",
    "model_latency_ms", "context_version", "request_id", "cache_write_tokens", "service_tier",
    "token_classes",
)  # fmt: skip
LEDGER = Export(
    name="ledger",
    columns=LEDGER_COLUMNS,
    rows=ledger_rows,
    sums=(
        "input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens", "cost (USD)",
        "cache_write_tokens",
    ),
)  # fmt: skip

# ChartMogul's names of the five movements.
MOVEMENT_TYPES = {"new": "new_biz"}


def cents(microusd: int) -> int:
    """Nearest cent, halves up."""
    return (microusd + 5_000) // 10_000


def movement_rows(ask: Ask, month: date) -> Iterator[Row]:
    """ChartMogul's layout. Each amount is the difference of two rounded MRRs, so the sums match.

    https://dev.chartmogul.com/docs/destinations/calculated-data/mrr-movements
    """

    def read(after: str) -> list[Movement]:
        parameters = {
            "p_from": f"{month}T00:00:00Z",
            "p_to": f"{month_after(month)}T00:00:00Z",
            "p_plans": None,
            "p_team": None,
            "p_after": after,
            "p_limit": STATEMENT_PAGE,
        }
        found = ask("revenue_movements", parameters)
        return results.read_all(Movement, found, "revenue_movements")

    for row in pages(read, lambda row: row.key, ""):
        after, before = cents(row.after_microusd), cents(row.before_microusd)
        yield (
            f"{datetime.fromisoformat(row.at):%Y-%m-%d %H:%M:%S}",
            row.payer_name,
            after - before,
            after,
            f"{row.kind}: {row.plan_before or '–'} → {row.plan_code}",
            MOVEMENT_TYPES.get(row.kind, row.kind),
            "USD",
            "",
            row.payer_id,
            row.payer_id,
            row.subscription_id,
            row.plan_code,
            row.seats,
            str(uuid5(NAMESPACE_URL, row.key)),
            1,
            row.plan_before,
        )


MOVEMENTS = Export(
    name="mrr-movements",
    columns=(
        "DATE", "CUSTOMER_NAME", "MRR_MOVEMENT", "MRR", "DESCRIPTION", "MOVEMENT_TYPE",
        "CURRENCY_CODE", "BILLING_CONNECTOR_UUID", "CUSTOMER_EXTERNAL_ID", "CUSTOMER_UUID",
        "SUBSCRIPTION_EXTERNAL_ID", "PLAN_EXTERNAL_ID", "ACTIVE_SUBSCRIPTION_QUANTITY", "UUID",
        "RANK", "PREVIOUS_PLAN_EXTERNAL_ID",
    ),
    rows=movement_rows,
    sums=("MRR_MOVEMENT",),
    is_imported=True,
)  # fmt: skip


def cost_rows(ask: Ask, month: date) -> Iterator[tuple[Any, ...]]:
    """FOCUS 1.2: one row per user, team, plan, provider and model; late entries are corrections.

    https://focus.finops.org/focus-specification/v1-2/
    """

    def read(after: str) -> list[Cost]:
        parameters = {"p_month": f"{month}", "p_after": after, "p_limit": STATEMENT_PAGE}
        return results.read_all(Cost, ask("export_costs", parameters), "export_costs")

    for row in pages(read, lambda row: row.key, ""):
        charged = row.charge_month
        cost = Usd(row.cost_microusd)
        provider = row.provider or "Figma AI Buddy"
        service = row.model or "No model"
        yield (
            cost, "figma-ai-buddy", "Figma AI Buddy", "USD", _moment(month_after(month)),
            _moment(month), "Usage", row.charge_class, f"{service}, plan {row.plan_code}",
            "Usage-Based", _moment(month_after(charged)), _moment(charged), row.tokens, "Tokens",
            cost, cost, provider, cost, row.calls, "Calls", provider, provider,
            row.user_id, row.user_name, "User", "AI and Machine Learning", service,
            "Generative AI", row.model, row.team_id, row.team_name,
            "Team" if row.team_id else None,
        )  # fmt: skip


def _moment(day: date) -> str:
    return f"{day}T00:00:00Z"


COSTS = Export(
    name="costs-focus",
    columns=(
        "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency",
        "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory", "ChargeClass",
        "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart",
        "ConsumedQuantity", "ConsumedUnit", "ContractedCost", "EffectiveCost", "InvoiceIssuerName",
        "ListCost", "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "ResourceId",
        "ResourceName", "ResourceType", "ServiceCategory", "ServiceName", "ServiceSubcategory",
        "SkuId", "SubAccountId", "SubAccountName", "SubAccountType",
    ),
    rows=cost_rows,
    sums=("BilledCost", "ContractedCost", "EffectiveCost", "ListCost"),
    is_imported=True,
)  # fmt: skip

ALL = (STATEMENT, LEDGER, MOVEMENTS, COSTS)

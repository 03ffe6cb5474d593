"""OpenAI's exports of the pages Usage and Costs: a line for each UTC day, model and key.

They have the columns of the results of the Usage and Costs APIs, in which ``input_tokens`` includes
cached ones: https://platform.openai.com/docs/api-reference/usage. The columns of the files are as
in the export shown in xavierjflanagan/Guardian, openai-usage-and-cost-report-2025-10-12.md, and the
items ("gpt-4o-mini-2024-07-18, cached input", with a quantity) as in results of the Costs API:
https://cookbook.openai.com/examples/completions_usage_api.
"""

from dashboard.provider_bills.bill import (
    STANDARD,
    Aside,
    Cells,
    Format,
    Found,
    Line,
    check_currency,
    dollars,
    moment,
)

_ITEMS = {"input": "input", "cached input": "cached", "output": "output"}


def _usage(cells: Cells) -> Found:
    model = cells.text("model")
    if not model:
        return None
    cached = cells.whole("inputcachedtokens")
    tier = cells.text("servicetier").lower()
    if cells.text("batch").lower() == "true":
        tier = "batch"
    return Line(
        moment(cells.text("starttimeiso", "starttime")).date(),
        model,
        tier=STANDARD if tier in ("", "default") else tier,
        calls=cells.whole("nummodelrequests"),
        tokens={
            "input": cells.whole("inputtokens") - cached,
            "cached": cached,
            "output": cells.whole("outputtokens"),
        },
    )


def _cost(cells: Cells) -> Found:
    amount, item = cells.text("amountvalue"), cells.text("lineitem")
    if not amount:
        return None
    check_currency(cells.text("amountcurrency"))
    day = moment(cells.text("starttimeiso", "starttime")).date()
    cost = dollars(amount)
    if "tax" in item.lower().split():
        return Aside("tax", cost, day)
    if cost < 0 or "credit" in item.lower():
        return Aside("credit", cost, day)
    if not item:
        return None
    model, _, what = item.rpartition(", ")
    kind = _ITEMS.get(what)
    line = Line(day, model if kind else item, cost=cost, amounts=1)
    if kind:
        line.costs = {kind: cost}
        if cells.text("quantity"):
            line.tokens = {kind: cells.whole("quantity")}
    return line


def _cost_tells(cells: Cells) -> tuple[str, ...]:
    return ("input", "cached", "output", "cost") if cells.has("quantity") else ("cost",)


FORMATS = (
    Format(
        "openai_usage",
        "OpenAI usage",
        "openai",
        (
            ("starttimeiso", "starttime"),
            ("model",),
            ("nummodelrequests",),
            ("inputtokens",),
            ("outputtokens",),
        ),
        lambda cells: ("calls", "input", "cached", "output"),
        _usage,
        "Export the usage grouped by model.",
    ),
    Format(
        "openai_costs",
        "OpenAI costs",
        "openai",
        (("starttimeiso", "starttime"), ("amountvalue",), ("amountcurrency",), ("lineitem",)),
        _cost_tells,
        _cost,
        "Export the costs grouped by line item: without, they name no model.",
    ),
)

"""OpenRouter's export of the page Activity: each call with its generation id, or UTC days by model.

https://openrouter.ai/docs/guides/guides/activity-export. The columns of single calls are as listed
by its users (generation_id, created_at, cost_total, …, tokens_cached, model_permaslug), those of
days as in Date, Slug, Usage, BYOK Usage, Requests. The id is the one that the answer had:
https://openrouter.ai/docs/api-reference/get-a-generation. Moments without a zone are UTC. Amounts
are credits, which are US dollars; what a customer's own key cost is beside them, and in what we
book as well. Prompt tokens include cached ones, completion tokens reasoning.
"""

from decimal import Decimal

from dashboard.provider_bills.bill import Cells, Format, Found, Line, dollars, moment


def _call(cells: Cells) -> Found:
    call_id, created = cells.text("generationid"), cells.text("createdat")
    if not call_id or not created:
        return None
    at = moment(created)
    line = Line(
        at.date(),
        cells.text("modelpermaslug", "model"),
        at=at,
        call_id=call_id,
        calls=1,
        tokens={
            "input": cells.whole("tokensprompt"),
            "output": cells.whole("tokenscompletion"),
        },
        cost=_amount(cells, "costtotal") + _amount(cells, "byokusageinference"),
        amounts=1,
    )
    if cells.has("tokenscached"):
        cached = min(cells.whole("tokenscached"), line.tokens["input"])
        line.tokens |= {"cached": cached, "input": line.tokens["input"] - cached}
    return line


def _day(cells: Cells) -> Found:
    model = cells.text("slug", "model")
    if not model:
        return None
    return Line(
        moment(cells.text("date")).date(),
        model,
        calls=cells.whole("requests"),
        tokens={
            "input": cells.whole("prompttokens"),
            "output": cells.whole("completiontokens"),
        },
        cost=_amount(cells, "usage") + _amount(cells, "byokusage"),
        amounts=1,
    )


def _amount(cells: Cells, name: str) -> Decimal:
    text = cells.text(name)
    return dollars(text) if text else Decimal()


FORMATS = (
    Format(
        "openrouter_calls",
        "OpenRouter calls",
        "openrouter",
        (
            ("generationid",),
            ("createdat",),
            ("costtotal",),
            ("tokensprompt",),
            ("tokenscompletion",),
        ),
        lambda cells: (
            ("calls", "input", "cached", "output", "cost")
            if cells.has("tokenscached")
            else ("calls", "input", "output", "cost")
        ),
        _call,
    ),
    Format(
        "openrouter_days",
        "OpenRouter days",
        "openrouter",
        (
            ("date",),
            ("slug", "model"),
            ("usage",),
            ("requests",),
            ("prompttokens",),
            ("completiontokens",),
        ),
        lambda cells: ("calls", "input", "output", "cost"),
        _day,
    ),
)

"""Anthropic's exports of the pages Usage and Cost of the Claude Console: UTC days by model and key.

That there are such exports: https://support.claude.com/en/articles/9534590. Columns as in files
read by others: juliantanx/aiusage (usage), axigatelabs/axigate-finops (cost); the kinds of tokens
are those of https://platform.claude.com/docs/en/build-with-claude/usage-cost-api, where cached
and written input are no part of the uncached one. Amounts of the cost file are in US dollars, by
its column's name, rounded to cents. Neither tells the number of calls.
"""

from dashboard.provider_bills.bill import (
    STANDARD,
    Aside,
    Cells,
    Format,
    Found,
    Line,
    dollars,
    moment,
)

_TOKENS = {
    "usageinputtokensnocache": "input",
    "usageinputtokenscachewrite5m": "write",
    "usageinputtokenscachewrite1h": "write",
    "usageinputtokenscacheread": "cached",
    "usageoutputtokens": "output",
}
_TYPES = {
    "input_no_cache": "input",
    "uncached_input_tokens": "input",
    "input_cache_write_5m": "write",
    "input_cache_write_1h": "write",
    "input_cache_read": "cached",
    "output": "output",
}


def _usage(cells: Cells) -> Found:
    model = cells.text("modelversion")
    if not model:
        return None
    tokens = dict.fromkeys(_TOKENS.values(), 0)
    for column, kind in _TOKENS.items():
        tokens[kind] += cells.whole(column)
    return Line(
        moment(cells.text("usagedateutc")).date(),
        model,
        tier=_tier(cells),
        tokens=tokens,
    )


def _cost(cells: Cells) -> Found:
    amount = cells.text("costusd")
    if not amount:
        return None
    day, cost = moment(cells.text("usagedateutc")).date(), dollars(amount)
    what = cells.text("costtype").lower()
    if what == "tax":
        return Aside("tax", cost, day)
    if cost < 0 or "credit" in what:
        return Aside("credit", cost, day)
    kind = _TYPES.get(cells.text("tokentype").lower())
    return Line(
        day,
        cells.text("model", "costtype") or "unnamed",
        tier=_tier(cells),
        cost=cost,
        costs={kind: cost} if kind else {},
        amounts=1,
    )


def _tier(cells: Cells) -> str:
    return "batch" if "batch" in cells.text("usagetype").lower() else STANDARD


FORMATS = (
    Format(
        "anthropic_usage",
        "Anthropic usage",
        "anthropic",
        (
            ("usagedateutc",),
            ("modelversion",),
            ("usageinputtokensnocache",),
            ("usageoutputtokens",),
        ),
        lambda cells: ("input", "cached", "write", "output"),
        _usage,
    ),
    Format(
        "anthropic_cost",
        "Anthropic cost",
        "anthropic",
        (("usagedateutc",), ("model",), ("tokentype",), ("costusd",)),
        lambda cells: ("cost",),
        _cost,
    ),
)

"""Azure's exports of costs: one line for each UTC day, resource and meter.

*Actual cost*: https://learn.microsoft.com/azure/cost-management-billing/automate/understand-usage-details-fields.
*FOCUS*: https://learn.microsoft.com/cloud-computing/finops/focus/metadata. A meter is a model, a
kind of tokens and where it runs, abbreviated in many ways ("gpt-4o-mini-0718-Inp-glbl Tokens",
"gpt 4.1 cached Inp Data Zone Tokens", "5.4 mini cd Inp Gl 1M Tokens"): prices.azure.com lists them.
Its quantity is in units of 1K or 1M tokens. No export tells calls, nor the deployment, which is how
our calls name the model: the page lets people say which is which.
"""

import re
from datetime import date
from decimal import Decimal

from dashboard.provider_bills.bill import (
    STANDARD,
    Aside,
    Cells,
    Format,
    Found,
    Line,
    american_day,
    check_currency,
    dollars,
    number,
)

_UNIT = re.compile(r"([\d,.]*)\s*([KM])?", re.IGNORECASE)
_TIMES = {"": 1, "K": 1_000, "M": 1_000_000}
_WORDS = re.compile(r"[^a-z0-9.]+")
_CACHED = frozenset({"cached", "cchd", "ccchd", "cd"})
_WRITTEN = frozenset({"wr", "write"})
_INPUT = frozenset({"inp", "inpt", "input", "in", "prompt"})
_OUTPUT = frozenset({"outp", "output", "out", "opt", "completion"})
_TIERS = {"batch": "batch", "pp": "priority", "priority": "priority", "flex": "flex"}
# Where it runs, the unit, and the like: no part of a model's name.
_REST = frozenset(
    (
        *("glbl", "gl", "global", "regnl", "regional", "rg", "rgnl", "dz", "dzone", "data", "zone"),
        *("tokens", "token", "tkns", "std", "processing", "shortco", "longco", "1k", "1m"),
    )
)


def _actual(cells: Cells) -> Found:
    if not cells.text("date"):
        return None
    day = american_day(cells.text("date"))
    in_dollars = cells.text("costinusd")
    if not in_dollars:
        check_currency(cells.text("billingcurrency", "billingcurrencycode"))
    cost = dollars(in_dollars or cells.text("costinbillingcurrency") or "0")
    what = cells.text("chargetype").lower()
    if what not in ("", "usage"):
        return _aside(what, cost, day)
    service = cells.text("metersubcategory") + cells.text("metercategory") + cells.text("product")
    return _line(cells, day, cost, cells.text("metername"), service, "quantity", "unitofmeasure")


def _focus(cells: Cells) -> Found:
    if not cells.text("chargeperiodstart"):
        return None
    day = american_day(cells.text("chargeperiodstart"))
    check_currency(cells.text("billingcurrency"))
    cost = dollars(cells.text("billedcost") or "0")
    what = cells.text("chargecategory").lower()
    if what not in ("", "usage"):
        return _aside(what, cost, day)
    meter = cells.text("skumeter", "xskumetername")
    service = cells.text("servicename") + cells.text("xskumetersubcategory")
    consumed = ("consumedquantity", "consumedunit")
    priced = ("pricingquantity", "pricingunit")
    return _line(
        cells, day, cost, meter, service, *(consumed if cells.text(consumed[0]) else priced)
    )


def _aside(what: str, cost: Decimal, day: date) -> Aside:
    if what == "tax":
        return Aside("tax", cost, day)
    return Aside("credit" if what in ("credit", "refund") else "other", cost, day)


def _line(
    cells: Cells, day: date, cost: Decimal, meter: str, service: str, many: str, unit: str
) -> Found:
    found = read_meter(meter)
    is_ours = "token" in meter.lower() and re.search("openai|cognitive|foundry", service, re.I)
    if found is None or not is_ours:
        return Aside("other", cost, day)
    model, kind, tier = found
    tokens = number(cells.text(many) or "0") * _times(cells.text(unit))
    return Line(
        day,
        model,
        tier=tier,
        tokens={kind: int(tokens.to_integral_value())},
        cost=cost,
        costs={kind: cost},
        amounts=1,
    )


def read_meter(meter: str) -> tuple[str, str, str] | None:
    """Model, kind of tokens and tier of a meter's name; None if it names no kind of tokens."""
    words = [word for word in _WORDS.split(meter.lower()) if word]
    named = set(words)
    if named & _WRITTEN and named & (_CACHED | _INPUT):
        kind = "write"
    elif named & _CACHED:
        kind = "cached"
    elif named & _OUTPUT:
        kind = "output"
    elif named & _INPUT:
        kind = "input"
    else:
        return None
    tier = next((_TIERS[word] for word in words if word in _TIERS), STANDARD)
    rest = _REST | _CACHED | _WRITTEN | _INPUT | _OUTPUT | _TIERS.keys()
    model = "-".join(word for word in words if word not in rest)
    # Newer meters leave the family's name out.
    return (f"gpt-{model}" if model[:1].isdigit() else model), kind, tier


def _times(unit: str) -> Decimal:
    found = _UNIT.match(unit)
    digits, letter = found.groups() if found else ("", "")
    return number(digits or "1") * _TIMES[(letter or "").upper()]


def _tells(cells: Cells) -> tuple[str, ...]:
    return ("input", "cached", "output", "cost")


FORMATS = (
    Format(
        "azure_actual",
        "Azure actual cost",
        "azure",
        (
            ("date",),
            ("metername",),
            ("quantity",),
            ("unitofmeasure",),
            ("costinbillingcurrency", "costinusd"),
        ),
        _tells,
        _actual,
    ),
    Format(
        "azure_focus",
        "Azure FOCUS",
        "azure",
        (
            ("chargeperiodstart",),
            ("billedcost",),
            ("billingcurrency",),
            ("chargecategory",),
            ("skumeter", "xskumetername"),
        ),
        _tells,
        _focus,
    ),
)
